import { createTheme, MantineProvider, Modal, Tooltip } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';
import { makeQueryClient } from '@/api/queries';
import { FormatContext, useFormatOf } from '@/kit/format';
import { TextContext, type Language, type Text } from '@/text';
import { router } from './routes';

// Colours stand in `theme.css`; Mantine only has to know their names.
const shades = Array.from({ length: 10 }, (_, shade) => `var(--mantine-color-cauce-${shade})`);
const theme = createTheme({
  primaryColor: 'cauce',
  colors: { cauce: shades as never },
  cursorType: 'pointer',
  // Whoever asks their system for less motion gets none: a dialog is there, or gone, at once.
  respectReducedMotion: true,
  components: {
    // What locks scrolling does so by style that it injects, which the policy forbids.
    Modal: Modal.extend({ defaultProps: { lockScroll: false, overlayProps: { backgroundOpacity: 0.35 } } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 250 } }),
  },
});

/** What the answer's policy lets style be written with, where a part of Mantine does so. */
const nonce = () => document.querySelector<HTMLMetaElement>('meta[name=cauce-nonce]')?.content ?? '';

/** Everything, in one language. */
export function App({ language, text }: { language: Language; text: Text }) {
  const [client] = useState(makeQueryClient);
  const format = useFormatOf(language);
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false} getStyleNonce={nonce}>
      <TextContext value={text}>
        <FormatContext value={format}>
          <QueryClientProvider client={client}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </FormatContext>
      </TextContext>
    </MantineProvider>
  );
}
