import { useEffect, useRef } from 'react';
import { showError } from '../../errors';
import { type PDFDocumentProxy, TextLayer } from './pdf';
import classes from './report.module.css';

interface Props {
  document: PDFDocumentProxy;
  /** From 1. */
  number: number;
  scale: number;
}

/** One page as it will be printed, with its words over the picture. Drawn when it comes into sight. */
export function PdfPage({ document, number, scale }: Props) {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const wordsRef = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const canvas = canvasRef.current;
    const words = wordsRef.current;
    if (!canvas || !words) return;
    let gone = false;
    let stop = () => {};
    const draw = async () => {
      const page = await document.getPage(number);
      if (gone) return;
      const viewport = page.getViewport({ scale });
      const dense = window.devicePixelRatio || 1;
      canvas.width = Math.floor(viewport.width * dense);
      canvas.height = Math.floor(viewport.height * dense);
      const render = page.render({ canvas, viewport, transform: [dense, 0, 0, dense, 0, 0] });
      stop = () => render.cancel();
      await render.promise;
      const content = await page.getTextContent();
      if (gone) return;
      words.replaceChildren();
      const layer = new TextLayer({ textContentSource: content, container: words, viewport });
      stop = () => layer.cancel();
      await layer.render();
    };
    draw().catch((error: unknown) => {
      if (!gone) showError(error, `Page ${number} could not be drawn`);
    });
    return () => {
      gone = true;
      stop();
    };
  }, [document, number, scale]);
  return (
    <>
      <canvas ref={canvasRef} aria-hidden />
      <div ref={wordsRef} className={classes.words} style={{ ['--total-scale-factor' as string]: scale }} />
    </>
  );
}
