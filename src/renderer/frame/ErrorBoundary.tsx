import { Component, type ReactNode } from 'react';
import { ErrorAlert } from '../components/ErrorAlert';

/** A screen that fails to draw says so, and the rest of the window goes on. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error?: unknown }> {
  override state: { error?: unknown } = {};

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return (
      <ErrorAlert
        title="This screen could not be drawn"
        error={this.state.error}
        onRetry={() => this.setState({ error: undefined })}
      />
    );
  }
}
