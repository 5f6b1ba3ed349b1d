// Asks the server that this page is from, and nobody else; what it refuses is an error in words for people.

const GONE = "The server does not answer.";
const RUNNING = "Is resnet-bench serve still running?";

export class Refused extends Error {
  constructor(message, hint = "") {
    super(message);
    this.hint = hint;
  }
}

export const gone = () => new Refused(GONE, RUNNING);

// The answer, if it is a good one. An AbortError is the caller's own doing and is passed on.
export async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    throw error.name === "AbortError" ? error : gone();
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

export async function text(path, options) {
  return (await ask(path, options)).text();
}

async function refusal(response) {
  if (response.status === 401) {
    return new Refused(
      "This server wants a token.",
      "Open the address that resnet-bench serve printed: the token is part of it.",
    );
  }
  const { error } = await response.json().catch(() => ({}));
  const wait = response.headers.get("Retry-After");
  const hints = [error?.hint, wait && `Try again in ${wait} s.`];
  return new Refused(
    error?.message ?? `The server answered ${response.status}.`,
    hints.filter(Boolean).join(" "),
  );
}
