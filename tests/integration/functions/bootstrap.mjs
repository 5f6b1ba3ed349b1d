// A runtime client in another language than ours: the Runtime API is a standard. Answers with the event and the headers.
import http from "node:http";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, method, path: "/2018-06-01/runtime/" + path }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ headers: response.headers, text }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

for (;;) {
  const { headers, text } = await call("GET", "invocation/next");
  const id = headers["lambda-runtime-aws-request-id"];
  const event = JSON.parse(text);
  console.log("node got " + id);
  if (event.fail) {
    await call("POST", `invocation/${id}/error`, JSON.stringify({ errorType: "Foreign", errorMessage: event.fail }));
  } else {
    await call("POST", `invocation/${id}/response`, JSON.stringify({ by: "node", event, headers }));
  }
}
