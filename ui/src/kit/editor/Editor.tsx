import type { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { makeView, setMarks, setText, type Language, type Making, type Mark } from './view';

interface Props {
  text: string;
  language: Language;
  label: string;
  hint?: string;
  readOnly?: boolean;
  marks?: Mark[];
  change?: (text: string) => void;
  complete?: Making['complete'];
}

const NONE: Mark[] = [];

/** Text with colours, completion and marked faults. */
export default function Editor({ text, language, label, hint = '', readOnly = false, marks = NONE, change, complete }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef({ change, complete, text });
  // What was typed and has not come back as the page's text yet. Coming late, it must not be
  // written over what was typed since.
  const typed = useRef<string[]>([]);
  useEffect(() => {
    latest.current = { change, complete, text };
  });
  useEffect(() => {
    if (!host.current) return;
    const parent = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' });
    const made = makeView({
      parent, text: latest.current.text, language, label, readOnly, hint,
      change: (next) => {
        typed.current.push(next);
        latest.current.change?.(next);
      },
      complete: latest.current.complete ? async (prefix, before) => (await latest.current.complete?.(prefix, before)) ?? [] : undefined,
    });
    view.current = made;
    return () => made.destroy();
  }, [language, label, readOnly, hint]);
  useEffect(() => {
    const back = typed.current.indexOf(text);
    const shown = view.current?.state.doc.toString();
    typed.current = back < 0 || shown === text ? [] : typed.current.slice(back + 1);
    if (view.current && back < 0) setText(view.current, text);
  }, [text]);
  useEffect(() => {
    if (view.current) setMarks(view.current, marks);
  }, [marks]);
  return <div className="editor" ref={host} />;
}
