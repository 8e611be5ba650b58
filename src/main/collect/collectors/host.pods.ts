import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';

export default defineCollector({
  id: 'host.pods',
  version: '1.0.0',
  title: 'Pods on the host',
  answers: 'Is the host a node of Kubernetes, which pods left logs on it, and which does it start from files?',
  how: 'Lists /var/log/pods and the kubelet’s folders, and reads static manifests and the kubelet’s settings.',
  replaces: ['ls -laR /var/log/pods', 'cat /etc/kubernetes/manifests/*', 'cat /var/lib/kubelet/config.yaml'],
  scope: 'host',
  volatility: 'host',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  async collect(ctx) {
    await captureHostFiles(ctx, {
      source: 'host.pods',
      title: 'Pods on the host',
      nothing: 'The host is no node of Kubernetes: it has no /var/log/pods, kubelet or static manifest.',
      parts: [
        { as: 'logs', list: ['/var/log/pods', '/var/log/containers'], depth: 4 },
        {
          as: 'kubelet',
          list: ['/var/lib/kubelet/pods', '/var/lib/kubelet/checkpoints', '/var/lib/kubelet/plugins'],
          depth: 3,
        },
        {
          as: 'manifest',
          files: [
            ...['/etc/kubernetes/manifests/*', '/etc/kubelet.d/*', '/var/lib/rancher/k3s/server/manifests/*'],
            ...['/var/lib/rancher/rke2/agent/pod-manifests/*', '/var/snap/microk8s/current/args/*'],
          ],
        },
        {
          as: 'settings',
          files: [
            ...[
              '/var/lib/kubelet/config.yaml',
              '/var/lib/kubelet/kubeadm-flags.env',
              '/etc/kubernetes/*.conf',
              '/etc/kubernetes/*.yaml',
            ],
            ...['/etc/rancher/*/*.yaml', '/etc/cni/net.d/*', '/etc/crictl.yaml'],
          ],
        },
        { homes: [{ as: 'user', files: ['.kube/config'] }] },
      ],
    });
  },
});
