import { useLocalStorage } from '@mantine/hooks';
import { ReportOptions } from '../../../shared/contract/report';
import { useCase } from '../../case';
import { PageHeader } from '../../components/PageHeader';
import { SplitView } from '../../components/SplitView';
import { Parts } from './Parts';
import { Preview } from './Preview';
import classes from './report.module.css';
import { WriteReport } from './WriteReport';

const DEFAULTS = ReportOptions.parse({});

/** The report: what goes in, the parts only a person can write, the PDF as it will be. */
export default function Screen() {
  const { data } = useCase();
  const [options, setOptions] = useLocalStorage<ReportOptions>({
    key: `lading.report.${data.id}`,
    defaultValue: DEFAULTS,
    getInitialValueInEffect: false,
    deserialize: (text) => {
      try {
        return ReportOptions.parse(JSON.parse(text ?? '{}'));
      } catch {
        return DEFAULTS;
      }
    },
  });
  return (
    <div className={classes.screen}>
      <PageHeader
        title="Report"
        subtitle="Facts come from the case; opinions come from you. The preview is the PDF itself and leaves no trace in the case."
      >
        <WriteReport options={options} />
      </PageHeader>
      <SplitView
        name="report"
        list={<Parts options={options} onOptions={setOptions} />}
        detail={<Preview options={options} />}
      />
    </div>
  );
}
