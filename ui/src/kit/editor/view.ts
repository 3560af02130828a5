import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionContext } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { html } from '@codemirror/lang-html';
import { json } from '@codemirror/lang-json';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { Annotation, EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, keymap, placeholder } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { ruleLanguage } from './rule';

export type Language = 'rule' | 'html' | 'json' | 'yaml' | 'text';

export interface Mark {
  from: number;
  to: number;
  severity: 'error' | 'warning';
  message: string;
}

export interface Offer {
  label: string;
  detail?: string;
  /** What is written, if it is not the label. */
  apply?: string;
}

export interface Making {
  parent: ShadowRoot;
  text: string;
  language: Language;
  label: string;
  readOnly: boolean;
  hint: string;
  change: (text: string) => void;
  complete: ((prefix: string, before: string) => Promise<Offer[]>) | undefined;
}

const written = Annotation.define<boolean>();

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--accent)', fontWeight: '600' },
  { tag: [tags.string, tags.attributeValue], color: 'var(--good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--warn)' },
  { tag: [tags.tagName, tags.propertyName], color: 'var(--accent)' },
  { tag: [tags.comment, tags.punctuation, tags.operator, tags.angleBracket], color: 'var(--ink-2)' },
]);

const look = EditorView.theme({
  '&': { fontSize: '13px', color: 'var(--ink)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.65', maxHeight: '520px', minHeight: '88px' },
  '.cm-content': { padding: '12px 14px', caretColor: 'var(--ink)', whiteSpace: 'pre-wrap' },
  '.cm-line': { padding: '0' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-placeholder': { color: 'var(--ink-3)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--accent-soft)' },
  '.cm-tooltip': { border: '1px solid var(--line-strong)', borderRadius: '8px', backgroundColor: 'var(--panel)', color: 'var(--ink)', overflow: 'hidden' },
  '.cm-tooltip-autocomplete ul': { fontFamily: 'var(--font)', fontSize: '13px' },
  '.cm-tooltip-autocomplete ul li': { padding: '4px 10px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-soft)', color: 'var(--ink)' },
  '.cm-completionDetail': { color: 'var(--ink-3)', fontStyle: 'normal', marginLeft: '1.5em' },
  '.cm-diagnostic': { fontFamily: 'var(--font)', borderLeft: '3px solid var(--bad)', padding: '6px 10px' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--bad)', textUnderlineOffset: '4px' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--warn)', textUnderlineOffset: '4px' },
  '.cm-matchingBracket': { backgroundColor: 'var(--sunk) !important' },
});

// Typed over a selection, the browser itself would keep the look of what was there by a style
// attribute, which the policy refuses and reports.
const overSelection = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { state, composing } = view;
    if (event.inputType !== 'insertText' || !event.data || composing || state.readOnly || state.selection.main.empty) return false;
    event.preventDefault();
    view.dispatch({ ...state.replaceSelection(event.data), userEvent: 'input.type', scrollIntoView: true });
    return true;
  },
});

const LANGUAGES: Record<Language, () => Extension> = { rule: () => ruleLanguage, html: () => html(), json: () => json(), yaml: () => yaml(), text: () => [] };
// What belongs to a name that is being typed: names of fields have hyphens.
const NAME: Record<'rule' | 'yaml', [RegExp, RegExp]> = { rule: [/[\p{L}\p{N}_.]*/u, /^[\p{L}\p{N}_.]*$/u], yaml: [/[\p{L}\p{N}_-]*/u, /^[\p{L}\p{N}_-]*$/u] };

/** An editor in a shadow root: there its style needs no leave of the Content-Security-Policy. */
export function makeView({ parent, text, language, label, readOnly, hint, change, complete }: Making): EditorView {
  const [typing, same] = NAME[language === 'yaml' ? 'yaml' : 'rule'];
  const source = async (context: CompletionContext) => {
    const word = context.matchBefore(typing);
    if (!complete || (!context.explicit && (!word || word.from === word.to))) return null;
    const from = word?.from ?? context.pos;
    const offers = await complete(word?.text ?? '', context.state.doc.sliceString(0, from));
    return { from, options: offers.map((offer) => ({ ...offer, type: 'text' })), validFor: same };
  };
  return new EditorView({
    parent,
    root: parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        history(),
        drawSelection(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ override: complete ? [source] : [], icons: false }),
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap, ...lintKeymap]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
        EditorState.readOnly.of(readOnly),
        overSelection,
        placeholder(hint),
        LANGUAGES[language](),
        syntaxHighlighting(colours),
        look,
        EditorView.updateListener.of((update) => {
          // What the page wrote itself is no news to it.
          const typed = update.transactions.some((one) => one.docChanged && !one.annotation(written));
          if (typed) change(update.state.doc.toString());
        }),
      ],
    }),
  });
}

/** Writes another text into it, if it has another one. */
export function setText(view: EditorView, text: string): void {
  if (view.state.doc.toString() !== text) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, annotations: written.of(true) });
}

/** Marks faults at their places. */
export function setMarks(view: EditorView, marks: Mark[]): void {
  const length = view.state.doc.length;
  const within = (place: number) => Math.max(0, Math.min(length, place));
  const found: Diagnostic[] = marks.map((mark) => ({ ...mark, from: within(mark.from), to: Math.max(within(mark.from), within(mark.to)) }));
  view.dispatch(setDiagnostics(view.state, found));
}
