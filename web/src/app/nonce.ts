/**
 * The nonce of this page's Content-Security-Policy, put into index.html by the gateway. antd passes it on to its
 * styles but for one: the measuring of scrollbars (@rc-component/util) adds a style of its own without it. So every
 * style element that our own scripts make gets the nonce; scripts of others do not run here in the first place.
 */
export const NONCE = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce;

if (NONCE) {
  const create = document.createElement.bind(document) as (
    name: string,
    options?: ElementCreationOptions,
  ) => HTMLElement;
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const element = create(name, options);
    if (element instanceof HTMLStyleElement) {
      element.nonce = NONCE;
    }
    return element;
  }) as typeof document.createElement;
}
