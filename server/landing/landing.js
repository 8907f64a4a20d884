// landing.js: the form of the landing page. Everything that comes back is shown as text, never as markup.

const form = document.getElementById("try");
const answer = document.getElementById("answer");

document.getElementById("host").textContent = location.host;

// A number where the text is one; else the text itself, so that the service says what is wrong with it.
function numberOf(text) {
  const trimmed = text.trim();
  const number = Number(trimmed);
  return trimmed !== "" && Number.isFinite(number) ? number : trimmed;
}

function customerOf(fields) {
  const score = fields.credit_score.value.trim();
  return {
    customer_id: "visitor",
    age: numberOf(fields.age.value),
    income: numberOf(fields.income.value),
    existing_products: fields.existing_products.value.split(",").map((id) => id.trim()).filter((id) => id !== ""),
    credit_score: score === "" ? null : numberOf(score),
    avg_account_balance: numberOf(fields.avg_account_balance.value),
  };
}

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) {
    made.className = className;
  }
  return made;
}

function showOffers(offers) {
  if (offers.length === 0) {
    answer.replaceChildren(element("p", "Nothing to offer to this customer."));
    return;
  }
  const list = document.createElement("ul");
  list.className = "offers";
  for (const offer of offers) {
    const item = document.createElement("li");
    item.append(element("strong", offer.product_name), element("output", offer.confidence_score.toFixed(1)),
      element("small", offer.reason));
    list.append(item);
  }
  answer.replaceChildren(list);
}

function showFaults(detail) {
  const faults = Array.isArray(detail) ? detail : [{ loc: [], msg: detail }];
  answer.replaceChildren(...faults.map((fault) => {
    const field = form.elements.namedItem(fault.loc[1] ?? "");
    const label = field ? field.parentElement.firstChild.textContent.trim() + " " : "";
    if (field) {
      field.setAttribute("aria-invalid", "true");
    }
    return element("p", label + fault.msg, "wrong");
  }));
}

async function ask() {
  for (const field of form.querySelectorAll("input")) {
    field.removeAttribute("aria-invalid");
  }
  const response = await fetch("/recommend/", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(customerOf(form.elements)),
  });
  const body = await response.json();
  if (response.ok) {
    showOffers(body.recommended_products);
  } else {
    showFaults(body.detail);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask().catch(() => showFaults("The service did not answer."));
});
