/** A rule for texts that must say something: blanks alone do not count. */
export function prose(message: string) {
  return { required: true, whitespace: true, message };
}
