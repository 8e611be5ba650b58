import { ActionIcon, Group, Skeleton, Tabs, Text, Title } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { FileDetail } from '../../../shared/contract/files';
import { useCase } from '../../case';
import { orpc } from '../../client';
import { Bytes } from '../../components/Bytes';
import { CiteLink } from '../../components/CiteLink';
import { Copyable } from '../../components/Copyable';
import { ErrorAlert } from '../../components/ErrorAlert';
import { formatUtc } from '../../components/Time';
import { VisibleText } from '../../components/VisibleText';
import shared from '../exhibits/exhibits.module.css';
import { ExportFile } from './ExportFile';
import { FileContent } from './FileContent';
import { modeText, StateMark } from './states';

interface Props {
  view: string;
  file: string;
  onClose: () => void;
}

/** One file: its bytes, and all that the evidence says of it. */
export function FilePane({ view, file, onClose }: Props) {
  const { path } = useCase();
  const { data, error } = useQuery(orpc.files.get.queryOptions({ input: { case: path, view, path: file } }));
  return (
    <section className={shared.detail} aria-label="File">
      <div className={shared.title}>
        <div>
          <Title order={2}>
            <VisibleText text={file} max={500} mono />
          </Title>
          {data && (
            <Text size="xs" c="dimmed" component="div">
              <StateMark state={data.state} /> · {modeText(data.type, data.mode)}
              {data.size !== null && (
                <>
                  {' '}
                  · <Bytes bytes={data.size} />
                </>
              )}
            </Text>
          )}
        </div>
        <ActionIcon aria-label="Close the file" onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </div>
      <ErrorAlert error={error} title="The file could not be looked up" />
      {!data && !error && <Skeleton height={160} />}
      {data && (
        <>
          <Group gap="xs">
            <ExportFile file={data} />
            {data.sha256 !== null && <Copyable value={data.sha256} label="SHA-256" short={16} />}
            <Copyable value={data.path} label="path" text="path" />
          </Group>
          <Tabs key={`${view} ${file}`} defaultValue="facts" className={shared.tabs} keepMounted={false}>
            <Tabs.List>
              <Tabs.Tab value="facts">What is known</Tabs.Tab>
              <Tabs.Tab value="content" disabled={data.type === 'directory'}>
                Content
              </Tabs.Tab>
              {data.was && <Tabs.Tab value="was">In the image</Tabs.Tab>}
            </Tabs.List>
            <Tabs.Panel value="facts" className={`${shared.panel} ${shared.scrolling}`}>
              <Facts file={data} />
            </Tabs.Panel>
            <Tabs.Panel value="content" className={shared.panel}>
              <FileContent path={path} file={data} version="now" />
            </Tabs.Panel>
            <Tabs.Panel value="was" className={shared.panel}>
              <FileContent path={path} file={data} version="image" />
            </Tabs.Panel>
          </Tabs>
        </>
      )}
    </section>
  );
}

const time = (at: string | null) => (at === null ? 'not in the evidence' : `${formatUtc(at, true)} UTC`);

function Facts({ file }: { file: FileDetail }) {
  const owner = (id: number | null, name: string | null) =>
    id === null ? 'not in the evidence' : name === null ? id : `${id} (${name})`;
  const { was } = file;
  return (
    <dl className={shared.facts}>
      <dt>Type</dt>
      <dd>{file.type}</dd>
      {file.link !== null && (
        <>
          <dt>Leads to</dt>
          <dd>
            <VisibleText text={file.link} mono />
          </dd>
        </>
      )}
      {file.hardLink !== null && (
        <>
          <dt>Further name of</dt>
          <dd>
            <VisibleText text={file.hardLink} mono />
          </dd>
        </>
      )}
      {file.device !== null && (
        <>
          <dt>Device</dt>
          <dd>{file.device}</dd>
        </>
      )}
      {file.pathHex !== undefined && (
        <>
          <dt>Name in bytes</dt>
          <dd>
            <Copyable value={file.pathHex} label="path in hex" short={60} />
          </dd>
        </>
      )}
      <dt>Mode</dt>
      <dd>
        {file.mode === null
          ? 'not in the evidence'
          : `${modeText(file.type, file.mode)} (${file.mode.toString(8).padStart(4, '0')})`}
      </dd>
      <dt>User</dt>
      <dd>{owner(file.uid, file.user)}</dd>
      <dt>Group</dt>
      <dd>{owner(file.gid, file.group)}</dd>
      <dt>Size</dt>
      <dd>{file.size === null ? 'not in the evidence' : `${file.size.toLocaleString('en')} bytes`}</dd>
      <dt>Content modified</dt>
      <dd>{time(file.mtime)}</dd>
      <dt>Accessed</dt>
      <dd>{time(file.atime)}</dd>
      <dt>Inode changed</dt>
      <dd>{time(file.ctime)}</dd>
      <dt>SHA-256</dt>
      <dd>{file.sha256 === null ? 'no content in the case' : <Copyable value={file.sha256} label="SHA-256" />}</dd>
      <dt>Layer</dt>
      <dd>
        {file.layer === null ? (
          'not known'
        ) : file.layer === 'upper' ? (
          'written by the container'
        ) : (
          <Copyable value={file.layer} label="layer" short={24} />
        )}
      </dd>
      <dt>Package</dt>
      <dd>{file.package === null ? 'none names it' : <VisibleText text={file.package} />}</dd>
      {Object.entries(file.xattrs).map(([name, value]) => (
        <FragmentRow key={name} name={name} value={value} />
      ))}
      {was && (
        <>
          <dt>In the image</dt>
          <dd>
            {modeText(was.type, was.mode)}, {was.uid}:{was.gid}, {was.size.toLocaleString('en')} bytes, modified{' '}
            {time(was.mtime)}
            {was.sha256 !== null && (
              <>
                , SHA-256 <Copyable value={was.sha256} label="SHA-256 in the image" short={16} />
              </>
            )}{' '}
            <CiteLink exhibit={was.exhibit} locator={was.locator} />
          </dd>
        </>
      )}
      <dt>Written in</dt>
      <dd>
        <CiteLink exhibit={file.exhibit} locator={file.locator} />
      </dd>
      {file.content && (
        <>
          <dt>Content in</dt>
          <dd>
            <CiteLink exhibit={file.content.exhibit} locator={file.content.locator} />
          </dd>
        </>
      )}
      {file.stateAt && (
        <>
          <dt>State said by</dt>
          <dd>
            <CiteLink exhibit={file.stateAt.exhibit} locator={file.stateAt.locator} />
          </dd>
        </>
      )}
    </dl>
  );
}

function FragmentRow({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>
        <VisibleText text={name} max={100} />
      </dt>
      <dd>
        <Copyable value={value} label={`${name} in hex`} short={40} />
      </dd>
    </>
  );
}
