import { ActionIcon, NumberInput, Skeleton, Text } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconZoomIn, IconZoomOut } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { ErrorAlert } from '../../components/ErrorAlert';
import { ScrollRegion } from '../../components/ScrollRegion';
import { PdfPage } from './PdfPage';
import { openPdf, type PDFDocumentProxy } from './pdf';
import classes from './report.module.css';

interface Opened {
  document: PDFDocumentProxy;
  /** Of the first page, in points; a report's pages are all alike. */
  width: number;
  height: number;
}

const GAP = 14;
const ZOOMS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3];

/** The real PDF, page under page, fitted to the width. */
export default function PdfView({ base64, extra }: { base64: string; extra?: ReactNode }) {
  const [opened, setOpened] = useState<Opened>();
  const [error, setError] = useState<unknown>();
  const [zoom, setZoom] = useState(1);
  const { ref: sizeRef, width: room } = useElementSize();
  const scrollRef = useRef<HTMLElement>(null);

  useEffect(() => {
    const { document, close } = openPdf(base64);
    let gone = false;
    setError(undefined);
    document
      .then(async (pdf) => {
        const { width, height } = (await pdf.getPage(1)).getViewport({ scale: 1 });
        if (!gone) setOpened({ document: pdf, width, height });
      })
      .catch((thrown: unknown) => !gone && setError(thrown));
    return () => {
      gone = true;
      setOpened(undefined);
      close();
    };
  }, [base64]);

  const pages = opened?.document.numPages ?? 0;
  const scale = opened && room > 0 ? (Math.max(200, room - 40) / opened.width) * zoom : 1;
  const height = (opened?.height ?? 800) * scale;
  const width = (opened?.width ?? 600) * scale;
  const virtual = useVirtualizer({
    count: pages,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => height + GAP,
    overscan: 1,
    paddingStart: GAP,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: other sizes move every page.
  useEffect(() => virtual.measure(), [virtual, height]);
  const items = virtual.getVirtualItems();
  const middle = (virtual.scrollOffset ?? 0) + 100;
  const current = (items.findLast((item) => item.start <= middle)?.index ?? 0) + 1;
  const step = (by: number) => setZoom(ZOOMS[Math.min(Math.max(ZOOMS.indexOf(zoom) + by, 0), ZOOMS.length - 1)] ?? 1);

  return (
    <div className={classes.preview} ref={sizeRef}>
      <div className={classes.bar}>
        <NumberInput
          w={64}
          aria-label="Page"
          min={1}
          max={Math.max(1, pages)}
          value={current}
          allowDecimal={false}
          hideControls
          onChange={(value) => {
            if (typeof value === 'number' && value >= 1 && value <= pages)
              virtual.scrollToIndex(value - 1, { align: 'start' });
          }}
        />
        <Text size="xs">of {pages}</Text>
        <ActionIcon aria-label="Smaller" disabled={zoom === ZOOMS[0]} onClick={() => step(-1)}>
          <IconZoomOut size={16} />
        </ActionIcon>
        <ActionIcon aria-label="Larger" disabled={zoom === ZOOMS.at(-1)} onClick={() => step(1)}>
          <IconZoomIn size={16} />
        </ActionIcon>
        <Text size="xs">{Math.round(zoom * 100)}% of the width</Text>
        {extra}
      </div>
      <ErrorAlert error={error} title="The PDF could not be shown" />
      <ScrollRegion ref={scrollRef} className={classes.pages} label={`Preview of the report, ${pages} pages`}>
        {!opened && !error && <Skeleton height={500} m="md" w="auto" />}
        {opened && room > 0 && (
          <div
            className={classes.strip}
            style={{ height: virtual.getTotalSize(), width: Math.max(width + 20, room - 20) }}
          >
            {items.map((item) => (
              <section
                key={item.key}
                className={classes.page}
                aria-label={`Page ${item.index + 1}`}
                style={{ transform: `translateY(${item.start}px)`, width, height }}
              >
                <PdfPage document={opened.document} number={item.index + 1} scale={scale} />
              </section>
            ))}
          </div>
        )}
      </ScrollRegion>
    </div>
  );
}
