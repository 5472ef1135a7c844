#!/usr/bin/perl
# The resident launcher: starts recipes on request and lets nothing of them live on.
#   perl launcher.pl pid-namespace|subreaper
# Requests on stdin are frames, N length + fields (N length + bytes each); answers on stdout are lines:
#   run ID CWD COMMAND FILE_BYTES PROCESSES [NAME VALUE]...  ->  started ID STDOUT_FD STDERR_FD (read ends, held for the asker)
#   opened ID (they may be closed)   term ID   kill ID       ->  ended ID WAIT_STATUS|none, or failed ID CODE SENTENCE
# Every job has a keeper, forked from here and never exec'ed: the parent-death signal would be lost in an exec of a
# setuid program. The keeper is process 1 of a new pid namespace, or the subreaper of all that the recipe starts.
# End of stdin means that the service is gone, however it died: every job is killed, then this process ends.
# Perl, because every Debian has it (perl-base is essential) and it can make any system call; no compiler needed.
use strict;
use warnings;
use POSIX ();

my ($level) = @ARGV;
my $isolated = $level eq 'pid-namespace';
my %calls = (
    x86_64  => { clone => 56,  prctl => 157, mount => 165, prlimit64 => 302 },
    aarch64 => { clone => 220, prctl => 167, mount => 40,  prlimit64 => 261 },
);
my $call = $calls{ (POSIX::uname())[4] } or die "no system call numbers for this machine\n";
my ($NEWNS, $NEWUSER, $NEWPID) = (0x00020000, 0x10000000, 0x20000000);
my ($SET_PDEATHSIG, $SET_DUMPABLE, $SET_CHILD_SUBREAPER) = (1, 4, 36);
my ($LIMIT_FSIZE, $LIMIT_CORE, $LIMIT_NPROC) = (1, 4, 6);
my ($uid, $gid) = ($>, $) + 0);

my ($term, $kill, $recipe, $code) = (0, 0, 0, undef);
my $nothing = POSIX::SigSet->new;
# Blocked here for good, so that a keeper, which inherits the mask, can lose no signal before it is ready.
POSIX::sigprocmask(POSIX::SIG_BLOCK(), POSIX::SigSet->new(POSIX::SIGTERM(), POSIX::SIGUSR1()));
$SIG{TERM} = sub { $term = 1 };
$SIG{USR1} = sub { $kill = 1 };
$SIG{CHLD} = sub { };
$SIG{PIPE} = sub { };    # a handler and not IGNORE, which recipes would inherit
umask 022;
limit($LIMIT_CORE, 0);
syscall($call->{prctl}, $SET_CHILD_SUBREAPER, 1, 0, 0, 0) unless $isolated;
# The service may itself have been given open files, which would be the recipes' then.
for (grep { $_ > 2 } map { m{(\d+)$} } glob '/proc/self/fd/*') { POSIX::close($_) }
open my $null, '+<', '/dev/null' or die "/dev/null: $!\n";

my (%jobs, %by_pid, %ends, $in);
my $top = fileno $null;
$in = '';
while (1) {
    my $ready = '';
    vec($ready, $_, 1) = 1 for 0, map { $_->{over} ? () : fileno $_->{status} } values %jobs;
    # A keeper whose status pipe has closed is dying; SIGCHLD says when, and the time limit covers one that came too early.
    my $dying = grep { $_->{over} } values %jobs;
    select($ready, undef, undef, $dying ? 0.005 : undef) >= 0 or $ready = '';
    for my $job (grep { !$_->{over} && vec($ready, fileno $_->{status}, 1) } values %jobs) {
        sysread($job->{status}, $job->{said}, 4096, length $job->{said}) or $job->{over} = 1;
    }
    collect();
    next unless vec($ready, 0, 1);
    my $got = sysread STDIN, $in, 65536, length $in;
    finish() if defined $got && $got == 0;
    while (length $in >= 4 && length $in >= 4 + unpack 'N', $in) {
        handle(unpack '(N/a)*', substr substr($in, 0, 4 + unpack('N', $in), ''), 4);
    }
}

sub say_line { my $line = "@_\n"; defined syswrite(STDOUT, $line) or finish() }

sub limit {
    my ($which, $most) = @_;
    my $pair = pack 'QQ', $most, $most;
    return syscall($call->{prlimit64}, 0, $which, $pair, 0) == 0;
}

sub handle {
    my ($verb, $id, @rest) = @_;
    my $job = $jobs{$id};
    if    ($verb eq 'run')    { start($id, @rest) }
    elsif ($verb eq 'opened') { delete $ends{$id} }
    elsif ($verb eq 'term')   { kill TERM => $job->{pid} if $job }
    elsif ($verb eq 'kill')   { end_job($job) if $job }
}

sub end_job { my ($job) = @_; kill $isolated ? 'KILL' : 'USR1', $job->{pid} }

sub start {
    my ($id, @order) = @_;
    my ($out, $out_w, $err, $err_w, $status, $status_w);
    pipe($out, $out_w) && pipe($err, $err_w) && pipe($status, $status_w)
        or return say_line('failed', $id, 'unavailable', "No pipe could be made: $!.");
    for ($out_w, $err_w, $status_w) { $top = fileno $_ if fileno $_ > $top }
    # clone and not unshare: unshare works once per process, and would need one process more for every job.
    my $flags = $isolated ? $NEWPID | $NEWNS | ($uid ? $NEWUSER : 0) : 0;
    my $pid = syscall $call->{clone}, $flags | POSIX::SIGCHLD(), 0, 0, 0, 0;
    return say_line('failed', $id, 'unavailable', "No process could be started: $!.") if $pid < 0;
    keep($out_w, $err_w, $status_w, @order) if $pid == 0;
    $jobs{$id} = $by_pid{$pid} = { id => $id, pid => $pid, status => $status, said => '', over => 0 };
    $ends{$id} = [$out, $err];
    say_line('started', $id, fileno $out, fileno $err);
}

# Takes in what has died, and answers for the keepers among it.
sub collect {
    while ((my $pid = waitpid -1, POSIX::WNOHANG()) > 0) {
        my $job = delete $by_pid{$pid} or next;
        delete $jobs{ $job->{id} };
        1 while sysread $job->{status}, $job->{said}, 4096, length $job->{said};
        my ($wait) = $job->{said} =~ /^w (\d+)$/m;
        # A keeper of this level that was itself killed leaves its processes to us, the next subreaper above it.
        end_descendants(\%by_pid) unless $isolated || defined $wait;
        if   ($job->{said} =~ /^x (.+)$/m) { say_line('failed', $job->{id}, $1) }
        else                               { say_line('ended',  $job->{id}, $wait // 'none') }
    }
}

sub finish {
    end_job($_) for values %jobs;
    while (%by_pid) {
        my $pid = waitpid -1, 0;
        last if $pid < 0 && !$!{EINTR};
        delete $by_pid{$pid};
    }
    end_descendants({}) unless $isolated;
    POSIX::_exit(0);
}

# The keeper of one job. Does not return.
sub keep {
    my ($out, $err, $status, @order) = @_;
    my $fail = sub { syswrite $status, "x @_\n"; POSIX::_exit(127) };
    POSIX::sigprocmask(POSIX::SIG_BLOCK(), POSIX::SigSet->new(POSIX::SIGCHLD()));
    POSIX::dup2(fileno $null, 0);
    POSIX::dup2(fileno $out, 1);
    POSIX::dup2(fileno $err, 2);
    $_ == fileno $status or POSIX::close($_) for 3 .. $top;
    %jobs = %by_pid = %ends = ();
    enter_namespace($fail) if $isolated;
    syscall($call->{prctl}, $SET_CHILD_SUBREAPER, 1, 0, 0, 0) unless $isolated;
    syscall($call->{prctl}, $SET_PDEATHSIG, $isolated ? POSIX::SIGKILL() : POSIX::SIGUSR1(), 0, 0, 0);
    # Fails when the launcher died before the line above could tell us.
    defined syswrite $status, "s\n" or POSIX::_exit(127);
    $recipe = fork // $fail->("unavailable No process could be started: $!.");
    execute($fail, @order) if $recipe == 0;
    while (1) {
        reap();
        last if defined $code || $kill;
        if ($term) { $term = 0; kill TERM => $isolated ? -1 : descendants($$, {}) }
        POSIX::sigsuspend($nothing);
    }
    end_descendants({}) if reap() && !$isolated;    # in a namespace the kernel does it when the first process ends
    syswrite $status, "w $code\n" if defined $code;
    POSIX::_exit(0);
}

sub enter_namespace {
    my ($fail) = @_;
    my ($none, $root, $proc, $dir) = ('none', '/', 'proc', '/proc');
    if ($uid) {
        for (['setgroups', 'deny'], ['uid_map', "$uid $uid 1"], ['gid_map', "$gid $gid 1"]) {
            open my $map, '>', "/proc/self/$_->[0]" or $fail->("unavailable The user namespace has no $_->[0]: $!.");
            defined syswrite $map, $_->[1] or $fail->("unavailable The user namespace refuses $_->[0]: $!.");
        }
    }
    my ($recursive_slave, $nosuid_nodev_noexec) = (0x4000 | 0x80000, 2 | 4 | 8);
    syscall($call->{mount}, $none, $root, 0, $recursive_slave, 0) == 0
        && syscall($call->{mount}, $proc, $dir, $proc, $nosuid_nodev_noexec, 0) == 0
        or $fail->("unavailable /proc cannot be mounted in the namespace: $!.");
    # The recipe must not read this process's memory, where environments of other jobs may linger.
    syscall($call->{prctl}, $SET_DUMPABLE, 0, 0, 0, 0);
}

sub execute {
    my ($fail, $cwd, $command, $file_bytes, $processes, @env) = @_;
    POSIX::setsid();
    # Before the mask goes, so that a TERM that came meanwhile ends this process and is not lost in the exec.
    $SIG{$_} = 'DEFAULT' for qw(TERM USR1 CHLD PIPE);
    POSIX::sigprocmask(POSIX::SIG_SETMASK(), $nothing);
    chdir $cwd or $fail->("invalid The working directory cannot be entered: $!.");
    limit($LIMIT_FSIZE, $file_bytes) or $fail->("unavailable The file size limit is refused: $!.") if $file_bytes ne '';
    limit($LIMIT_NPROC, $processes) or $fail->("unavailable The process limit is refused: $!.") if $processes ne '';
    %ENV = @env;
    { no warnings 'exec'; exec { '/bin/sh' } 'sh', '-c', $command }
    $fail->(($!{E2BIG} ? 'invalid' : 'unavailable') . " /bin/sh cannot be started: $!.");
}

# Takes in the dead children; whether living ones are left.
sub reap {
    my $pid;
    while (($pid = waitpid -1, POSIX::WNOHANG()) > 0) { $code = $? if $pid == $recipe }
    return $pid == 0;
}

# Stop, then kill, in rounds: what is stopped cannot fork, and whatever loses its parent becomes our child.
# Each dead child is waited for by its id, so that a launcher takes no keeper's status by accident.
sub end_descendants {
    my ($spared) = @_;
    while (1) {
        my %seen;
        while (my @new = grep { !$seen{$_}++ } descendants($$, $spared)) { kill STOP => @new }
        return unless %seen;
        kill KILL => keys %seen;
        select undef, undef, undef, 0.001;
        for (keys %seen) { $code = $? if waitpid($_, POSIX::WNOHANG()) > 0 && $_ == $recipe }
    }
}

sub descendants {
    my ($of, $spared) = @_;
    my @children = grep { !$spared->{$_} } children($of);
    return (@children, map { descendants($_, {}) } @children);
}

sub children {
    my ($of) = @_;
    my @found;
    for my $file (glob "/proc/$of/task/*/children") {
        open my $list, '<', $file or next;
        push @found, split ' ', <$list> // '';
    }
    return @found;
}
