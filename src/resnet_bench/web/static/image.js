// Looks at an image before anything is sent: what it is by its first bytes, how large, and whether it can be drawn.
// The server looks again and has the last word.

import { Refused } from "./server.js";

const SIGNATURES = {
  "image/jpeg": [0xff, 0xd8, 0xff],
  "image/png": [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
};

// In powers of ten, as file managers count, and as the server does where it refuses a file.
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

// The blob with its name, its type by content, and its size in pixels. Throws Refused.
export async function examined(blob, name, limitBytes) {
  if (blob.size === 0) throw new Refused(`${name} is empty.`, "Choose a JPEG or PNG file.");
  const type = await typeOf(blob, name);
  if (type === undefined) {
    throw new Refused(`${name} is neither a JPEG nor a PNG, whatever its name says.`, "Choose a JPEG or PNG file.");
  }
  if (blob.size > limitBytes) {
    throw new Refused(
      `${name} has ${size(blob.size)}; at most ${size(limitBytes)} can be sent to a Lambda function.`,
      "An event may have 6 MB, and base64 makes an image a third larger. Save it smaller: the network sees 224 pixels.",
    );
  }
  const bitmap = await createImageBitmap(blob).catch(() => null);
  if (bitmap === null) throw new Refused(`${name} is damaged: it cannot be decoded.`, "Choose another file.");
  const { width, height } = bitmap;
  bitmap.close(); // a photograph decoded takes tens of megabytes
  return { blob, name, type, width, height };
}

async function typeOf(blob, name) {
  const start = await blob.slice(0, 8).arrayBuffer().catch(() => null);
  if (start === null) throw new Refused(`${name} cannot be read.`, "Choose a file; a folder cannot be classified.");
  const first = new Uint8Array(start);
  const fits = ([, signature]) => signature.every((byte, index) => first[index] === byte);
  return Object.entries(SIGNATURES).find(fits)?.[0];
}
