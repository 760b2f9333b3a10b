/** Sign in with login name and password, as people do. */
export async function signIn(page, [name, password]) {
  await page.goto('/login');
  await page.locator('input[autocomplete=username]').fill(name);
  await page.locator('input[autocomplete=current-password]').fill(password);
  await page.locator('button[type=submit]').click();
  await page.waitForURL((url) => url.pathname !== '/login');
}
