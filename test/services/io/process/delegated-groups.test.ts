import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const sources = join(import.meta.dirname, '../../../../services/io/process');
const numbers = { x64: { getxattr: 191, setxattr: 188 }, arm64: { getxattr: 8, setxattr: 5 } }[process.arch as 'x64'];
const mount = /^\S+ \S+ \S+ \/ (\S+) .* - cgroup2 /m.exec(read('/proc/self/mountinfo'))?.[1];
const [controller] = mount === undefined ? [] : read(join(mount, 'cgroup.controllers')).split(/\s/).filter(Boolean);

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function whyNot(): string | false {
  if (process.getuid?.() !== 0) return 'only root can hand a group over here';
  if (mount === undefined || !controller || !numbers) return 'there is no control group of version 2 with a controller';
  return /^0::\/$/m.test(read('/proc/self/cgroup')) ? false : 'the groups here are those of another';
}

test('a group that was handed over holds jobs: its processes move into a leaf, and what hides from us is ended', {
  skip: whyNot(),
}, () => {
  const root = mount ?? assert.fail();
  const own = join(root, `ct-test-${process.pid}`);
  const had = read(join(root, 'cgroup.subtree_control'))
    .split(/\s/)
    .includes(controller ?? '');
  mkdirSync(own);
  try {
    if (!had) writeFileSync(join(root, 'cgroup.subtree_control'), `+${controller}`);
    const script = `
      require "$ARGV[0]/$_" for qw(delegated-groups.pl job-group.pl);
      my ($own, $controller) = @ARGV[1, 2];
      spew("$own/cgroup.procs", $$) or die "enter: $!";
      print defined handed_over(${numbers?.getxattr}, $controller) ? "taken" : "left", "\\n";
      my ($name, $yes) = ("user.delegate", "1");
      syscall(${numbers?.setxattr}, $own, $name, $yes, 1, 0) == 0 or die "mark: $!";
      my $handed = handed_over(${numbers?.getxattr}, $controller, "none-such");
      print "$handed->{folder} @{[keys %{$handed->{reaches}}]}\\n";
      print slurp("/proc/self/cgroup") =~ m{^0::(.*)}m, "\\n", slurp("$own/cgroup.subtree_control");
      my $again = handed_over(${numbers?.getxattr}, $controller);
      print "$again->{folder}\\n";
      my $group = make_job_group({ pids => $own }, 1);
      my $pid = fork;
      if (!$pid) { $SIG{TERM} = "IGNORE"; join_job_group($group); print STDERR "in\\n"; close STDERR; sleep 1 while 1 }
      select undef, undef, undef, 0.01 until slurp("$group->{pids}/cgroup.procs") =~ /\\d/;
      remove_job_group($group);
      waitpid $pid, 0;
      remove_job_group($group);
      print $? & 127, " ", -d $group->{pids} ? "there" : "gone", "\\n";
      spew("${root}/cgroup.procs", $$);
    `;
    const { stdout, stderr, status } = spawnSync('perl', ['-e', script, sources, own, controller ?? ''], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    const path = own.slice(root.length);
    assert.deepEqual(stdout.trim().split('\n'), [
      'left',
      `${own} ${controller}`,
      `${path}/crafting-service`,
      `${controller}`,
      own,
      '9 gone',
    ]);
  } finally {
    for (const one of [join(own, 'crafting-service'), own]) if (existsSync(one)) rmdirSync(one);
    if (!had) writeFileSync(join(root, 'cgroup.subtree_control'), `-${controller}`);
  }
});
