/**
 * A number, as it is written, with the form of its noun. English and Spanish have two, and the second is for all but one.
 */
// Not: `Intl.PluralRules`, which asks for the number itself: what is written may be "10,000" or "at least 7".
export const counted = (count: string, one: string, many: string): string => `${count} ${count === '1' ? one : many}`;
