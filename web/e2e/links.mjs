/** What the contact of an order is sent: links and codes, made as the system makes them (shared/delivery_shared/links.py). */
import { createHmac } from 'node:crypto';

const hmac = (key, text) => createHmac('sha256', key).update(text).digest();

/** The address of a link to the project, for its contact of this `version`, made now. */
export function linkOf({ base, link_key }, project, version = 1) {
  const number = Buffer.from(project.replaceAll('-', ''), 'hex').toString('base64url');
  const time = Buffer.alloc(4);
  time.writeUInt32BE(Math.floor(Date.now() / 1000));
  const signed = `${number}~${version}.${time.toString('base64url')}`;
  return `${base}/l#${signed}.${hmac(hmac(link_key, 'customer link'), signed).toString('base64url')}`;
}

/** The six digits of the `number`-th message asked for the project. */
export function codeOf({ link_key }, project, number, version = 1) {
  const made = BigInt(`0x${hmac(link_key, `customer code ${project}/${version}/${number}`).toString('hex')}`);
  return String(made % 1_000_000n).padStart(6, '0');
}
