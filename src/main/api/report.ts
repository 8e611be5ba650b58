import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ReportOptions } from '../../shared/contract/report';
import { asLadingError } from '../../shared/errors';
import type { CaseSession } from '../cases/session';
import { writeNew } from '../custody/files';
import { sha256 } from '../custody/hash';
import { safeFileName } from '../custody/names';
import { listDeclarations } from '../report/declarations';
import { buildModel } from '../report/model';
import { renderPdf } from '../report/pdf';
import { reportSections } from '../report/sections';
import type { Services } from '../services';
import { judgedFindings } from './findings';
import { allInvestigations } from './investigations';
import type { Implementer } from './kit';

export function reportApi(os: Implementer, s: Services) {
  const render = async (session: CaseSession, options: ReportOptions) =>
    renderPdf(
      buildModel({
        data: session.data,
        records: await session.records(),
        findings: await judgedFindings(session),
        investigations: options.omit.includes('investigations')
          ? undefined
          : await allInvestigations(session, options.confirmedOnly),
        ledger: await session.entries(0, session.entryCount),
        verify: s.settings.lastVerify(session.dir),
        options,
        tool: { ...s.place.tool, runtime: s.place.runtime, workstation: s.place.workstation },
        now: new Date().toISOString(),
      }),
    );
  return {
    sections: os.report.sections.handler(() => reportSections()),
    declarations: os.report.declarations.handler(() => listDeclarations()),
    setTexts: os.report.setTexts.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      await session.append('report.texts', session.data.id, { texts: input.texts });
      return session.data.reportTexts;
    }),
    preview: os.report.preview.handler(async ({ input }) => {
      const { bytes, pages } = await render(await s.shelf.open(input.case), input.options);
      return { base64: bytes.toString('base64'), pages };
    }),
    write: os.report.write.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      return session.exclusive(async () => {
        const name = safeFileName(`${session.data.number}-report-${session.data.reports.length + 1}.pdf`);
        const path = `reports/${name}`;
        await session.append('report.begun', path, { path });
        try {
          const { bytes, pages } = await render(session, input.options);
          await mkdir(join(session.dir, 'reports'), { recursive: true });
          await writeNew(join(session.dir, path), bytes, { readOnly: true });
          const copy = input.out === undefined ? undefined : resolve(input.out);
          if (copy) {
            await mkdir(dirname(copy), { recursive: true });
            await writeFile(copy, bytes);
          }
          const report = {
            path,
            sha256: sha256(bytes),
            bytes: bytes.length,
            time: new Date().toISOString(),
            title: 'Report of Examination',
          };
          await session.append('report.written', path, { report, pages, copy });
          return { ...report, pages, absolutePath: join(session.dir, path) };
        } catch (error) {
          const reason = asLadingError(error);
          await session.append('report.incomplete', path, { path, error: reason.toData() });
          throw reason;
        }
      });
    }),
  };
}
