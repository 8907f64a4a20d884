// swagger.js: starts Swagger UI on the service's own description. Nothing is sent to a validator elsewhere.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
