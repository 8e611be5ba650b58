import { GlobalWorkerOptions, getDocument, type PDFDocumentProxy, TextLayer } from 'pdfjs-dist/legacy/build/pdf.mjs';
import workerUrl from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url';

export type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist';
export { TextLayer };

// The worker is a file of the window itself; nothing is fetched from elsewhere.
GlobalWorkerOptions.workerSrc = workerUrl;

/** Opens a PDF held in memory. `close` ends the worker's part of it. */
export function openPdf(base64: string): { document: Promise<PDFDocumentProxy>; close: () => void } {
  const binary = atob(base64);
  const data = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) data[at] = binary.charCodeAt(at);
  const task = getDocument({ data, disableRange: true, disableStream: true, disableAutoFetch: true, enableXfa: false });
  return { document: task.promise, close: () => void task.destroy() };
}
