-- refusals.lua: requests that must be refused with one answer and a closed connection: { name, bytes, status, code }.
local refusals = {}
local HEAD = "GET / HTTP/1.1\r\nHost: x\r\n"
local POST = "POST /echo HTTP/1.1\r\nHost: x\r\n"

local function add(name, bytes, status, code)
    refusals[#refusals + 1] = { name = name, bytes = bytes, status = status, code = code }
end

-- Request lines.
for _, line in ipairs {
    "GET", "GET ", "GET /", "GET / ", "GET /  HTTP/1.1", "GET  / HTTP/1.1", " GET / HTTP/1.1", "GET / HTTP/1.1 ",
    "GET / http/1.1", "GET / HTTP/1", "GET / HTTP/11", "GET / HTTP/1.10", "GET / HTTP/1.1x", "GET / HTTP /1.1",
        "GET / HTTP/ 1.1",
    "GET / HTTP/1,1", "GET / HTTP/1.", "GET / HTTP/.1", "GET / FTP/1.1", "GET / HTTPS/1.1", "GET / 1.1",
    "G@T / HTTP/1.1", "G(T / HTTP/1.1", "GET:/ / HTTP/1.1", "\"GET\" / HTTP/1.1", "GET\t/ HTTP/1.1", "/ HTTP/1.1",
        "HTTP/1.1 200 OK",
    "GET /a b HTTP/1.1", "{} / HTTP/1.1", "GET / HTTP/+1.1", "GET / HTTP/-1.1", "GET / HTTP/a.1", "GET / HTTP/1.b",
} do
    add("the request line '" .. line .. "'", line .. "\r\nHost: x\r\n\r\n", 400)
end
for _, target in ipairs {
    "x", "http://x/", "https://x/", "x:80", "*", "?a", "#", "/#", "/a#b", "/?a#b", "/\xc3\xa9", "/\xff", "\\",
        "//x#", "*/", "..", "%2f", "@/",
} do
    add("the target '" .. target .. "'", "GET " .. target .. " HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed_target")
end
for _, target in ipairs { "/**", "*x", "**" } do
    add("OPTIONS for '" .. target .. "' without a path", "OPTIONS " .. target:gsub("^/", "") ..
        " HTTP/1.1\r\nHost: x\r\n\r\n",
        400, "malformed_target")
end
for _, version in ipairs { "0.9", "1.2", "1.9", "2.0", "3.0", "0.0", "0.1", "9.9" } do
    add("version " .. version, "GET / HTTP/" .. version .. "\r\nHost: x\r\n\r\n", 505, "http_version")
end
for _, method in ipairs {
    "TRACE", "CONNECT", "PRI", "get", "Get", "GETS", "GE", "PROPFIND", "LINK", "X", "BREW", "M-SEARCH", "POSTPOST",
        "OPTION", "!", "PATCHY",
} do
    add("method " .. method, method .. " / HTTP/1.1\r\nHost: x\r\n\r\n", 501, "method_unknown")
end

-- Line ends and control characters, in every place.
for place, frame in pairs {
    ["the method"] = "G%sET / HTTP/1.1\r\nHost: x\r\n\r\n", ["the target"] = "GET /a%sb HTTP/1.1\r\nHost: x\r\n\r\n",
    ["the version"] = "GET / HTTP/1%s.1\r\nHost: x\r\n\r\n", ["a header name"] = HEAD .. "X%sa: b\r\n\r\n",
    ["a header value"] = HEAD .. "Xa: b%sc\r\n\r\n",
} do
    for name, byte in pairs { NUL = "\0", SOH = "\1", ESC = "\27", DEL = "\127", BEL = "\7", VT = "\11",
        FF = "\12" } do
        add(name .. " in " .. place, (frame:gsub("%%s", "%%%%s"):gsub("%%%%s", function() return byte end)), 400,
            "control_byte")
    end
    for name, byte in pairs { LF = "\n", CR = "\r" } do
        add("a bare " .. name .. " in " .. place, (frame:gsub("%%s", function() return byte end)), 400)
    end
end
for name, bytes in pairs {
    ["LF for every line end"] = "GET / HTTP/1.1\nHost: x\n\n",
        ["LF behind the request line"] = "GET / HTTP/1.1\nHost: x\r\n\r\n",
    ["LF behind a header"] = "GET / HTTP/1.1\r\nHost: x\n\r\n", ["LF for the empty line"] = HEAD .. "\n",
    ["CR CR LF at the end"] = HEAD .. "\r\r\n", ["CR CR LF behind a header"] = "GET / HTTP/1.1\r\nHost: x\r\r\n\r\n",
    ["CR for every line end"] = "GET / HTTP/1.1\rHost: x\r\r", ["LF CR"] = "GET / HTTP/1.1\n\rHost: x\n\r\n\r",
        ["a leading LF"] = "\n" .. HEAD .. "\r\n",
    ["a leading CR"] = "\r" .. HEAD .. "\r\n", ["two empty lines before"] = "\r\n\r\n" .. HEAD .. "\r\n",
    ["CR without LF at the end"] = HEAD .. "\rX",
} do
    add(name, bytes, 400)
end

-- Headers.
for name, line in pairs {
    ["a folded line"] = "A: b\r\n c", ["a line folded by a tab"] = "A: b\r\n\tc",
        ["a fold of blanks alone"] = "A: b\r\n  ",
} do
    add(name, HEAD .. line .. "\r\n\r\n", 400, "folded_header")
end
add("a blank before the first header", "GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400, "folded_header")
for _, line in ipairs {
    ": b", "A : b", "A\t: b", "A b: c", "A", "A@: b", "A(: b", "\"A\": b", "A/b: c", "A[]: b", "A{}: b", "A;b: c",
        "A=b: c", "A?: b", "A,b: c", "\xc3\xa9: b",
    "A\\: b", "<A>: b", "Content-Length : 5", "Transfer-Encoding : chunked", "Host : y", "GET / HTTP/1.1",
} do
    add("the header line '" .. line .. "'", HEAD .. line .. "\r\n\r\n", 400, "malformed_header")
end

-- Host.
add("no Host", "GET / HTTP/1.1\r\n\r\n", 400, "host_missing")
add("no Host among others", "GET / HTTP/1.1\r\nA: b\r\nHos: x\r\n\r\n", 400, "host_missing")
add("two Hosts", HEAD .. "Host: x\r\n\r\n", 400, "host_repeated")
add("two different Hosts", HEAD .. "host: y\r\n\r\n", 400, "host_repeated")
add("two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: x\r\nHost: x\r\n\r\n", 400, "host_repeated")
for _, host in ipairs { "a b", "a,b", "a/b", "http://a", "a@b", "a?b", "a#b", "a\\b", "\xc3\xa9", "a\tb", "<a>",
    "\"a\"", "a|b", "{a}" } do
    add("Host '" .. host .. "'", "GET / HTTP/1.1\r\nHost: " .. host .. "\r\n\r\n", 400, "host_invalid")
end

-- Framing.
for _, length in ipairs {
    "", "a", "+5", "-5", "5a", "0x5", "5 5", "5,5", "5, 5", "5.0", "1e3", "9007199254740993", "99999999999999999999",
        "18446744073709551621", "\xb2",
    "5;", "'5'", "five", "-0", "5\t5", "0b1", "5_0",
} do
    add("Content-Length '" .. length .. "'", POST .. "Content-Length: " .. length .. "\r\n\r\nhello", 400,
        "content_length_invalid")
end
for name, lines in pairs { ["equal"] = { 5, 5 }, ["different"] = { 5, 6 }, ["zero and five"] = { 0, 5 } } do
    add("two Content-Lengths, " .. name, POST ..
        ("Content-Length: %d\r\nContent-length: %d\r\n\r\nhello"):format(lines[1], lines[2]), 400,
        "content_length_repeated")
end
for _, coding in ipairs {
    "", "gzip", "identity", "chunked, gzip", "gzip, chunked", "chunked, chunked", "chunked,", ",chunked", "chunke",
        "chunkedx", "x chunked", "\"chunked\"",
    "chunked;a=b", "deflate", "trailers", "chunked\xff", "xchunked",
} do
    add("Transfer-Encoding '" .. coding .. "'", POST .. "Transfer-Encoding: " .. coding .. "\r\n\r\n0\r\n\r\n", 400,
        "transfer_encoding")
end
add("two Transfer-Encodings", POST .. "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    400, "transfer_encoding")
add("Transfer-Encoding identity, then chunked", POST ..
    "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
    "transfer_encoding")
add("Transfer-Encoding in HTTP/1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
    "transfer_encoding")
add("both framings", POST .. "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
    "ambiguous_length")
add("both framings, the other way round", POST .. "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    400, "ambiguous_length")
add("chunked with Content-Length 0", POST .. "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n", 400,
    "ambiguous_length")

-- Chunks.
for body, code in pairs {
    ["5;a=b\r\nhello\r\n0\r\n\r\n"] = "chunk_extension", ["5;\r\nhello\r\n0\r\n\r\n"] = "chunk_extension",
        ["5 \r\nhello\r\n0\r\n\r\n"] = "chunk_extension",
    ["5\t\r\nhello\r\n0\r\n\r\n"] = "chunk_extension", ["0;a\r\n\r\n"] = "chunk_extension",
        ["0\r\nA: b\r\n\r\n"] = "trailers",
    ["5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n"] = "trailers", ["0\r\n \r\n"] = "trailers",
        ["5\nhello\r\n0\r\n\r\n"] = "malformed_chunk",
    ["5\r\nhello\n0\r\n\r\n"] = "malformed_chunk", ["5\r\nhello0\r\n\r\n"] = "malformed_chunk",
        ["5\r\nhelloo\r\n0\r\n\r\n"] = "malformed_chunk",
    ["\r\nhello"] = "malformed_chunk", ["x\r\nhello"] = "malformed_chunk",
        ["-5\r\nhello\r\n0\r\n\r\n"] = "malformed_chunk",
    ["+5\r\nhello\r\n0\r\n\r\n"] = "malformed_chunk", ["0x5\r\nhello\r\n0\r\n\r\n"] = "malformed_chunk",
        ["000000005\r\nhello\r\n0\r\n\r\n"] = "malformed_chunk",
    ["fffffffff\r\n"] = "malformed_chunk", ["5\rhello\r\n0\r\n\r\n"] = "malformed_chunk",
        ["5\r\nhello\r\n0\n\n"] = "malformed_chunk", [" 5\r\nhello"] = "malformed_chunk",
    ["5\0\r\nhello"] = "malformed_chunk", ["g\r\n"] = "malformed_chunk", [";\r\n"] = "malformed_chunk",
} do
    add("the chunked body " .. body:gsub("%c", "."), POST .. "Transfer-Encoding: chunked\r\n\r\n" .. body, 400, code)
end

-- Limits, one beyond each.
add("a request line of 4097 bytes", "GET /" .. ("a"):rep(4083) .. " HTTP/1.1\r\nHost: x\r\n\r\n", 414,
    "request_line_too_long")
add("a request line without end", "GET /" .. ("a"):rep(9000), 414, "request_line_too_long")
add("a method without end", ("A"):rep(9000), 414, "request_line_too_long")
add("a query without end", "GET /?" .. ("a"):rep(5000) .. " HTTP/1.1\r\nHost: x\r\n\r\n", 414,
    "request_line_too_long")
add("65 headers", HEAD .. ("A: b\r\n"):rep(64) .. "\r\n", 431, "too_many_headers")
add("1000 headers", HEAD .. ("A: b\r\n"):rep(1000) .. "\r\n", 431, "too_many_headers")
add("a header block of 16385 bytes", HEAD .. "A: " .. ("b"):rep(16385 - 16) .. "\r\n\r\n", 431, "headers_too_large")
add("a header value without end", HEAD .. "A: " .. ("b"):rep(20000), 431, "headers_too_large")
add("a header name without end", HEAD .. ("A"):rep(20000), 431, "headers_too_large")
add("blanks without end", HEAD .. "A:" .. (" "):rep(20000), 431, "headers_too_large")
add("a body of 65537 bytes", POST .. "Content-Length: 65537\r\n\r\n", 413, "body_too_large")
add("a body of 2^53 bytes", POST .. "Content-Length: 9007199254740992\r\n\r\n", 413, "body_too_large")
add("a body that waits to be invited", POST .. "Expect: 100-continue\r\nContent-Length: 65537\r\n\r\n", 413,
    "body_too_large")
add("a chunk of 65537 bytes", POST .. "Transfer-Encoding: chunked\r\n\r\n10001\r\n", 413, "body_too_large")
add("chunks of 65537 bytes together", POST .. "Transfer-Encoding: chunked\r\n\r\n10000\r\n" .. ("a"):rep(65536) ..
    "\r\n1\r\n", 413, "body_too_large")
add("a bulk body beyond its own limit", "POST /bulk HTTP/1.1\r\nHost: x\r\nContent-Length: 67108865\r\n\r\n", 413,
    "body_too_large")
for _, expectation in ipairs { "200-ok", "100-continues", "", "100-continue, x", "1" } do
    add("Expect '" .. expectation .. "'", POST .. "Expect: " .. expectation .. "\r\nContent-Length: 5\r\n\r\nhello",
        417, "expectation_failed")
end

return refusals
