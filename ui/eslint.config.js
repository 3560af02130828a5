import js from '@eslint/js';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const features = [
  'overview', 'events', 'sources', 'profiles', 'segments', 'lists', 'campaigns', 'journeys', 'templates', 'messages', 'sending', 'settings', 'definitions',
];

// A feature reaches its own files, the kit, the API and the words; never another feature.
const boundaries = features.map((own) => ({
  files: [`src/features/${own}/**/*.{ts,tsx}`],
  rules: {
    'no-restricted-imports': ['error', {
      patterns: [
        { group: ['@/features/*', '@/app/*', '../*'],
          message: 'A feature imports its own files, `@/kit`, `@/api` and `@/text` only.' },
      ],
    }],
  },
}));

// What a person reads stands in `src/text`, in every language.
const words = {
  files: ['src/**/*.tsx'],
  rules: {
    'no-restricted-syntax': ['error',
      { selector: 'JSXText[value=/[A-Za-zÀ-ÿ]{2,}/]', message: 'Visible words live in `src/text`.' },
      { selector: 'JSXAttribute[name.name=/^(label|title|placeholder|description|aria-label|alt)$/] > Literal[value=/[A-Za-z]{2,}/]',
        message: 'Visible words live in `src/text`.' },
      { selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]',
        message: 'Nothing from outside becomes HTML; a message is shown in the sandboxed frame.' },
    ],
  },
};

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/api/schema.ts', 'test-results'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  { files: ['src/**'], ...(hooks.configs.flat['recommended-latest'] ?? hooks.configs['recommended-latest']) },
  { files: ['scripts/*.mjs'], languageOptions: { globals: { console: 'readonly', process: 'readonly', URL: 'readonly' } } },
  ...boundaries,
  { files: ['src/kit/**'], rules: { 'no-restricted-imports': ['error', {
    patterns: [{ group: ['@/features/*', '@/app/*'], message: 'The kit knows no product noun.' }] }] } },
  words,
);
