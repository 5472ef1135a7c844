/**
 * The public package registries that jobs may reach which run a machine-made change, unless their project says otherwise.
 * Data of the farm's rules: nothing of the farm itself is installed from here.
 */
export const packageRegistries: readonly string[] = [
  'registry.npmjs.org',
  'registry.yarnpkg.com',
  'pypi.org',
  'files.pythonhosted.org',
  'index.crates.io',
  'static.crates.io',
  'crates.io',
  'proxy.golang.org',
  'sum.golang.org',
  'vuln.go.dev',
  'rubygems.org',
  'index.rubygems.org',
  'repo.packagist.org',
  'packagist.org',
  'repo.maven.apache.org',
  'repo1.maven.org',
  'plugins.gradle.org',
  'plugins-artifacts.gradle.org',
  'services.gradle.org',
  'api.nuget.org',
  'api.osv.dev',
];
