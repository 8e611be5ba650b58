import type { FileDetail } from '../../../shared/contract/files';
import { useCase } from '../../case';
import { client } from '../../client';
import { CopyOut, safeName } from '../../components/CopyOut';

/** Copies one file out of the case; where it went, its hash and the reason go into the ledger. */
export function ExportFile({ file }: { file: FileDetail }) {
  const { path } = useCase();
  const name = safeName(file.path.slice(file.path.lastIndexOf('/') + 1));
  return (
    <CopyOut
      action="Export"
      refused={file.readable ? undefined : 'No exhibit holds the content of this file'}
      title="Export the file"
      description="The exhibit stays as it is. The file may be harmful: it is saved under a name that nothing opens by itself."
      confirmLabel="Export"
      done="File exported"
      fileName={`${file.content?.exhibit ?? file.exhibit}-${name}.evidence`}
      copy={(to, reason) => client.files.export({ case: path, view: file.view, path: file.path, to, reason })}
    />
  );
}
