import { StreamLanguage } from '@codemirror/language';

// For colours only: what is right the server says.
const WORDS = new Set(
  ('and or not in is exists between since with starts ends contains ignoring case accents any all no where last next this past within before after now today yesterday ' +
    'day days week weeks month months quarter quarters year years calendar anniversary of for topic then segment list reachable by channel reason campaign journey template version money true false').split(' '),
);
const CALLS = new Set('count sum average min max distinct most frequent first last value sequence messages bucket consent size'.split(' '));

/** The language of segments, as far as colours need it. */
export const ruleLanguage = StreamLanguage.define<null>({
  name: 'rule',
  startState: () => null,
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return 'string';
    if (stream.match(/^`[^`]*`?/)) return 'variableName';
    if (stream.match(/^-?\d[\d_.]*(?:ms|[wdhms])?(?:\d+(?:ms|[wdhms]))*/)) return 'number';
    if (stream.match(/^(?:>=|<=|!=|[=<>+-])/)) return 'operator';
    const word = stream.match(/^[\p{L}_][\p{L}\p{N}_.-]*/u);
    if (word && word !== true) {
      const found = word[0].toLowerCase();
      if (CALLS.has(found) && /^\s*\(/.test(stream.string.slice(stream.pos))) return 'keyword';
      return WORDS.has(found) ? 'keyword' : 'variableName';
    }
    stream.next();
    return null;
  },
});
