import { lazy, Suspense, type ComponentProps } from 'react';
import { Waiting } from '../Loaded';
import type EditorOf from './Editor';

const Loaded = lazy(() => import('./Editor'));

/** The editor, loaded where one is needed. */
export function Editor(props: ComponentProps<typeof EditorOf>) {
  return (
    <Suspense fallback={<Waiting rows={3} />}>
      <Loaded {...props} />
    </Suspense>
  );
}
