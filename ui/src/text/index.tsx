import { createContext, useContext } from 'react';
import type { en } from './en';

/** Every visible word, in one language. */
export type Text = typeof en;
export type Language = 'en' | 'es';

export const LANGUAGES: { code: Language; name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'es', name: 'Español' },
];

const KEPT = 'cauce.language';

/** The language that the person chose, else the browser's, else English. */
export function chosenLanguage(kept: string | null, preferred: readonly string[]): Language {
  const known = (tag: string | null | undefined): tag is Language => tag === 'en' || tag === 'es';
  if (known(kept)) return kept;
  for (const tag of preferred) {
    const base = tag.toLowerCase().split('-')[0];
    if (known(base)) return base;
  }
  return 'en';
}

export function currentLanguage(): Language {
  return chosenLanguage(localStorage.getItem(KEPT), navigator.languages);
}

export function keepLanguage(language: Language): void {
  localStorage.setItem(KEPT, language);
}

/** One language is loaded, not both. */
export async function loadText(language: Language): Promise<Text> {
  return language === 'es' ? (await import('./es')).es : (await import('./en')).en;
}

export const TextContext = createContext<Text | null>(null);

export function useText(): Text {
  const text = useContext(TextContext);
  if (!text) throw new Error('the words were not loaded');
  return text;
}
