import { Checkbox, Select, Skeleton, Switch, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReportOptions } from '../../../shared/contract/report';
import { useCase } from '../../case';
import { orpc } from '../../client';
import { Copyable } from '../../components/Copyable';
import { ErrorAlert } from '../../components/ErrorAlert';
import { Panel } from '../../components/Panel';
import { Time } from '../../components/Time';
import classes from './report.module.css';
import { WrittenPart } from './WrittenPart';

interface Props {
  options: ReportOptions;
  onOptions: (options: ReportOptions) => void;
}

/** What goes into the report: the parts to write, those made from the case, the declaration, and the reports so far. */
export function Parts({ options, onOptions }: Props) {
  const { data } = useCase();
  const sections = useQuery(orpc.report.sections.queryOptions());
  const declarations = useQuery(orpc.report.declarations.queryOptions());
  const written = sections.data?.filter((section) => section.written) ?? [];
  const made = sections.data?.filter((section) => !section.written) ?? [];
  return (
    <div className={classes.parts}>
      <ErrorAlert error={sections.error ?? declarations.error} title="The parts of the report could not be read" />
      {!sections.data && !sections.error && <Skeleton height={240} />}
      <Panel title="Parts to write">
        {written.map((section) => (
          <WrittenPart key={section.id} section={section} />
        ))}
      </Panel>
      <Panel title="Declaration and findings">
        <div className={classes.part}>
          <Select
            label="Declaration"
            description="Differs by country and court; read it before you sign."
            allowDeselect={false}
            value={options.declaration}
            onChange={(declaration) => declaration !== null && onOptions({ ...options, declaration })}
            data={(declarations.data ?? []).map(({ id, title, jurisdiction }) => ({
              value: id,
              label: id === 'none' ? title : `${jurisdiction}: ${title}`,
            }))}
          />
          <Switch
            mt="sm"
            label="Only findings that an examiner confirmed"
            checked={options.confirmedOnly}
            onChange={(event) => onOptions({ ...options, confirmedOnly: event.currentTarget.checked })}
          />
        </div>
      </Panel>
      <Panel title="Made from the case">
        {made.map((section) => (
          <div key={section.id} className={classes.part}>
            {section.optional ? (
              <Checkbox
                label={section.title}
                description={section.guidance}
                checked={!options.omit.includes(section.id)}
                onChange={(event) =>
                  onOptions({
                    ...options,
                    omit: event.currentTarget.checked
                      ? options.omit.filter((id) => id !== section.id)
                      : [...options.omit, section.id],
                  })
                }
              />
            ) : (
              <>
                <Text size="sm">{section.title}</Text>
                <Text size="xs" c="dimmed">
                  {section.guidance} Always in the report.
                </Text>
              </>
            )}
          </div>
        ))}
      </Panel>
      {data.reports.length > 0 && (
        <Panel title="Reports written so far">
          <Table aria-label="Reports written so far">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Time</Table.Th>
                <Table.Th>File</Table.Th>
                <Table.Th>SHA-256</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {[...data.reports].reverse().map((report) => (
                <Table.Tr key={report.path}>
                  <Table.Td>
                    <Time at={report.time} />
                  </Table.Td>
                  <Table.Td>
                    <Copyable value={report.path} label="path in the case" />
                  </Table.Td>
                  <Table.Td>
                    <Copyable value={report.sha256} label="SHA-256" short={12} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          <Text size="xs" c="dimmed" p="xs">
            A correction is a new report: earlier ones stay as they are.
          </Text>
        </Panel>
      )}
    </div>
  );
}
