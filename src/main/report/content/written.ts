import { declarationById } from '../declarations';
import type { ReportInput } from '../input';
import type { Block } from '../types';
import { clip, day, paragraphs, piece } from './format';

/** A section that only the examiner can write, as written; an empty one says so, so that nobody takes silence for a statement. */
export function written(input: ReportInput, id: string): Block[] {
  const texts = paragraphs(input.data.reportTexts[id] ?? '');
  if (texts.length === 0) return [{ kind: 'paragraph', look: 'note', pieces: [piece('Not stated by the examiner.')] }];
  return texts.map((text) => ({ kind: 'paragraph', pieces: [piece(text)] }));
}

/** Section "Examiner": who, then what the examiner wrote. */
export function examiner(input: ReportInput): Block[] {
  const { data } = input;
  return [
    {
      kind: 'facts',
      caption: 'Examiner',
      rows: [
        ['Examiner', [{ pieces: [piece(clip(data.examiner), 'strong')] }]],
        ['Agency', [{ pieces: [piece(clip(data.agency ?? 'not stated', 500))] }]],
      ],
    },
    ...written(input, 'qualifications'),
  ];
}

/** Section "Declaration and signature". Throws BAD_INPUT for a declaration that does not exist. */
export function declaration(input: ReportInput): Block[] {
  const chosen = declarationById(input.options.declaration);
  const blocks: Block[] = chosen.paragraphs.map((text) => ({ kind: 'paragraph', look: 'lead', pieces: [piece(text)] }));
  if (chosen.paragraphs.length > 0) {
    blocks.push({
      kind: 'paragraph',
      look: 'small',
      pieces: [
        piece(
          `${chosen.jurisdiction}. ${chosen.source.replace(/\.$/, '')}. Text version ${chosen.version}, checked ${day(chosen.checked)}.`,
          'muted',
        ),
      ],
    });
  } else {
    blocks.push({ kind: 'paragraph', pieces: [piece('This report is signed without a declaration.')] });
  }
  return [
    ...blocks,
    {
      kind: 'signature',
      lines: chosen.fields.map((label) => ({ label, ...(label === 'Name' && { value: clip(input.data.examiner) }) })),
    },
    { kind: 'heading', text: 'Review', keep: 150 },
    { kind: 'paragraph', pieces: [piece('Technical and administrative review of this report, where it was made:')] },
    { kind: 'signature', lines: [{ label: 'Reviewer' }, { label: 'Signature' }, { label: 'Date' }] },
  ];
}
