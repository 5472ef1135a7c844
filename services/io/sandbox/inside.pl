#!/usr/bin/perl -w
# The first process of a sandbox: runs the recipe, takes in orphans, and says how the recipe ended.
#   perl inside.pl CWD PROCESSES|'' SOCKET|'' STATUS_FD ENVIRONMENT_FD USER|'' COMMAND
# bwrap by itself turns the signal that ended a recipe into an exit code. PROCESSES is set here, where it counts within
# the sandbox alone. With SOCKET, whatever connects to 127.0.0.1:3128 is handed on to that socket, the proxy's.
# Every job waits for this to be read: -w costs nothing where `use warnings` costs 1.5 ms.
use strict;

my ($cwd, $processes, $socket, $status_fd, $environment_fd, $user, $command) = @ARGV;
my %calls = (
    x86_64  => { prctl => 157, prlimit64 => 302, capset => 126, seccomp => 317, setgroups => 116, setresgid => 119, setresuid => 117 },
    aarch64 => { prctl => 167, prlimit64 => 261, capset => 91, seccomp => 277, setgroups => 159, setresgid => 149, setresuid => 147 },
);
my ($here) = __FILE__ =~ m{^(.*)/}s;
my $call = $calls{$^O eq 'linux' ? machine() : ''} or die "no system call numbers for this machine\n";
my ($SET_PDEATHSIG, $SET_DUMPABLE, $DROP_FROM_BOUNDING_SET, $KILL, $LIMIT_NPROC, $TOO_BIG) = (1, 4, 24, 9, 6, 7);
open my $status, '>&=', $status_fd or die "the sandbox has no way to say how its job ends: $!\n";
# Nothing that the recipe starts may write there, be it through /proc/1/fd.
fcntl $status, 2, 1;
syscall $call->{prctl}, $SET_DUMPABLE, 0, 0, 0, 0;
my @environment = read_environment($environment_fd);
become($user) if $user ne '';
chdir $cwd or die "the working directory cannot be entered: $!\n";
if ($socket ne '') { require "$here/egress-relay.pl"; relay($socket, $status) }
syswrite $status, "b\n";
my $recipe = fork // die "no process could be started: $!\n";
if ($recipe == 0) {
    setpgrp 0, 0;
    syscall $call->{prctl}, $SET_DUMPABLE, 1, 0, 0, 0;
    if ($processes ne '') {
        my $pair = pack 'QQ', $processes, $processes;
        syscall $call->{prlimit64}, 0, $LIMIT_NPROC, $pair, 0;
    }
    filter_calls("$here/calls.bpf") if -e "$here/calls.bpf";
    %ENV = @environment;
    $^W = 0;
    { exec { '/bin/sh' } 'sh', '-c', $command }
    syswrite $status, 'x ' . ($! == $TOO_BIG ? 'invalid' : 'unavailable') . " /bin/sh cannot be started: $!.\n";
    exit 127;
}
while ((my $pid = waitpid -1, 0) > 0) { last if $pid == $recipe }
syswrite $status, "w $?\n";
exit 0;

# The powers that were left to do this go with it, and so does the order to die with what made the sandbox.
sub become {
    my $user = $_[0] + 0;
    my ($none, $header, $powerless) = ('', pack('LL', 0x20080522, 0), pack 'L6', (0) x 6);
    syscall $call->{prctl}, $DROP_FROM_BOUNDING_SET, $_, 0, 0, 0 for 0 .. 40;
    syscall($call->{setgroups}, 0, $none) == 0 && syscall($call->{setresgid}, ($user) x 3) == 0 && syscall($call->{setresuid}, ($user) x 3) == 0
        && syscall($call->{capset}, $header, $powerless) == 0 or die "the sandbox keeps its user: $!\n";
    syscall $call->{prctl}, $SET_PDEATHSIG, $KILL, 0, 0, 0;
}

# As confine.pl says it, without what that loads.
sub filter_calls {
    open my $file, '<:raw', $_[0] or die "the filter of system calls cannot be read: $!\n";
    my $filter = do { local $/; readline $file };
    my $program = pack 'S x6 P', length($filter) / 8, $filter;
    syscall($call->{seccomp}, 1, 4, $program) == 0 or die "system calls cannot be refused: $!\n";
}

sub read_environment {
    open my $file, '<&=', $_[0] or die "the sandbox has no environment: $!\n";
    local $/;
    return unpack '(N/a*)*', readline($file) // '';
}

sub machine { open my $file, '<', '/proc/sys/kernel/arch' or return guess(); my $name = <$file> // ''; chomp $name; $name }

# Kernels before 6.1 do not say; the size of an address and its order of bytes are the same on both machines.
sub guess { require POSIX; (POSIX::uname())[4] }
