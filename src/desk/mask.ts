// What an agent sees of an address until there is a reason to see more: enough to compare with what somebody says, too
// little to write to.

/** "l••••@m•••.example": the first character of each side, and the top-level domain. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  if (at < 1) return maskWord(address);
  const domain = address.slice(at + 1);
  const dot = domain.lastIndexOf('.');
  const [name, end] = dot < 1 ? [domain, ''] : [domain.slice(0, dot), domain.slice(dot)];
  return `${maskWord(address.slice(0, at))}@${maskWord(name)}${end}`;
}

/** Always as many dots: the length would be a hint. */
function maskWord(word: string): string {
  const [first = ''] = word;
  return `${first}••••`;
}
