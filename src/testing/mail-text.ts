// What a person takes out of a mail.

interface WithText {
  readonly text: string;
}

/** The code in a mail as the person would paste it, digits only; read from the last line (`@host #code`). */
export const codeIn = ({ text }: WithText): string | undefined => /^@\S+ #(\d+)$/m.exec(text)?.[1];

/** The number of a notice, digits only. */
export const numberIn = ({ text }: WithText): string | undefined => /^(\d{3}) (\d{3})$/m.exec(text)?.slice(1).join('');

/** All links of a mail, in the order of the text part. */
export const linksIn = ({ text }: WithText): string[] => text.match(/https?:\/\/\S+/g) ?? [];
