/** Operations that an answer offers with their address: sent as offered, so that the console knows no rules of its own. */
import { send } from './transport';

export async function carryOut<Body>(
  offer: { method: string; href: string },
  body?: Record<string, unknown> | FormData,
): Promise<Body> {
  const isForm = body instanceof FormData;
  const request = new Request(new URL(offer.href, location.origin), {
    method: offer.method,
    ...(isForm ? { body } : { body: JSON.stringify(body ?? {}), headers: { 'Content-Type': 'application/json' } }),
  });
  return (await (await send(request)).json()) as Body;
}
