import { silencers, type Tool } from './define.ts';

/** Comments count for misconfigurations; what is known of packages is passed over by lists. */
export const trivy: Tool = {
  name: 'trivy',
  documentation: 'https://trivy.dev/latest/docs/configuration/filtering/',
  install: 'the binary of a release (https://github.com/aquasecurity/trivy/releases)',
  programs: ['trivy'],
  languages: [],
  exits: { 0: 'it ran, whatever it found', '1-125': 'findings, as --exit-code says, or it failed' },
  machine: { flag: '--format json', asked: /(-f|--format)[ =](json|sarif|cyclonedx)/ },
  silencers: silencers(null, 'inside', [
    ['\\btrivy : ?(?:ignore|skip)\\b', 'line', '#trivy:ignore:DS002', { family: 'tfsec', alone: 'declaration' }],
    ['\\btfsec : ?(?:ignore|skip)\\b', 'line', '#tfsec:ignore:AWS001', { family: 'tfsec', alone: 'declaration' }],
  ]),
  settings: {
    files: ['trivy.{yml,yaml}', '.trivy.{yml,yaml}', 'trivy-secret.{yml,yaml}', '.trivy/**'],
    lists: ['.trivyignore', '.trivyignore.{yml,yaml}', '*.{vex,openvex}.json', '.vex/**'],
  },
  options: {
    selects: '-s --severity --scanners --security-checks --pkg-types --vuln-type --detection-priority',
    ignores: '--ignorefile --ignore-policy --ignore-status --skip-dirs --skip-files --skip-check-update --vex',
    config: '-c --config --secret-config --config-policy --config-check',
    lowers: '--ignore-unfixed --skip-policy-update --offline-scan --no-dev',
  },
};
