import '@xterm/xterm/css/xterm.css';
import { FitAddon } from '@xterm/addon-fit';
import { Terminal as Xterm } from '@xterm/xterm';
import { useEffect, useRef } from 'react';

interface Props {
  label: string;
  /** Fixed cells; without it the terminal fills its place. */
  size?: { columns: number; rows: number };
  /** Bytes that were typed or pasted. Without it nothing can be typed. */
  onBytes?: (bytes: Uint8Array) => void;
  onSize?: (columns: number, rows: number) => void;
  /** Called once, with the terminal. What is written to it must have been through `terminalFilter`. */
  onReady: (terminal: Xterm) => void;
}

/** A terminal in the window (xterm.js). It shows what it is given and answers nothing by itself: the filter keeps queries out. */
export function Terminal({ label, size, onBytes, onSize, onReady }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const told = useRef({ onBytes, onSize, onReady });
  told.current = { onBytes, onSize, onReady };
  const typing = onBytes !== undefined;
  const { columns, rows } = size ?? {};

  useEffect(() => {
    const place = box.current;
    if (!place) return undefined;
    const terminal = new Xterm({
      disableStdin: !typing,
      scrollback: 10_000,
      fontFamily: 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace',
      fontSize: 13,
      // An examiner reads what a program paints black on black as well.
      minimumContrastRatio: 4.5,
      screenReaderMode: true,
      ...(columns !== undefined && { cols: columns, rows }),
    });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.open(place);
    terminal.textarea?.setAttribute('aria-label', label);
    const given = [
      terminal.onData((text) => told.current.onBytes?.(new TextEncoder().encode(text))),
      terminal.onBinary((text) => told.current.onBytes?.(Uint8Array.from(text, (letter) => letter.charCodeAt(0)))),
      terminal.onResize(({ cols, rows: lines }) => told.current.onSize?.(cols, lines)),
    ];
    const fills = columns === undefined;
    const watch = new ResizeObserver(() => fits(fit));
    if (fills) {
      fits(fit);
      watch.observe(place);
    }
    told.current.onReady(terminal);
    if (typing) terminal.focus();
    return () => {
      watch.disconnect();
      for (const one of given) one.dispose();
      terminal.dispose();
    };
  }, [label, typing, columns, rows]);

  return <div ref={box} style={{ height: '100%', width: '100%', background: '#000', padding: 6, overflow: 'auto' }} />;
}

function fits(fit: FitAddon): void {
  const cells = fit.proposeDimensions();
  // A place of no size yet has no cells.
  if (cells && cells.cols >= 2 && cells.rows >= 2) fit.fit();
}
