#!/usr/bin/perl
# The first process of a sandbox: runs the recipe, takes in orphans, and says how the recipe ended.
#   perl inside.pl PROCESSES|'' SOCKET|'' STATUS_FD ENVIRONMENT_FD COMMAND
# bwrap by itself turns the signal that ended a recipe into an exit code. PROCESSES is set here, where it counts within
# the sandbox alone. With SOCKET, whatever connects to 127.0.0.1:3128 is handed on to that socket, the proxy's.
use strict;
use warnings;

my ($processes, $socket, $status_fd, $environment_fd, $command) = @ARGV;
my %calls = (x86_64 => { prctl => 157, prlimit64 => 302 }, aarch64 => { prctl => 167, prlimit64 => 261 });
my $call = $calls{$^O eq 'linux' ? machine() : ''} or die "no system call numbers for this machine\n";
my ($SET_DUMPABLE, $LIMIT_NPROC, $TOO_BIG) = (4, 6, 7);
open my $status, '>&=', $status_fd or die "the sandbox has no way to say how its job ends: $!\n";
# Nothing that the recipe starts may write there, be it through /proc/1/fd.
fcntl $status, 2, 1;
syscall $call->{prctl}, $SET_DUMPABLE, 0, 0, 0, 0;
my @environment = read_environment($environment_fd);
relay($socket) if $socket ne '';
syswrite $status, "b\n";
my $recipe = fork // die "no process could be started: $!\n";
if ($recipe == 0) {
    setpgrp 0, 0;
    syscall $call->{prctl}, $SET_DUMPABLE, 1, 0, 0, 0;
    if ($processes ne '') {
        my $pair = pack 'QQ', $processes, $processes;
        syscall $call->{prlimit64}, 0, $LIMIT_NPROC, $pair, 0;
    }
    %ENV = @environment;
    { no warnings 'exec'; exec { '/bin/sh' } 'sh', '-c', $command }
    syswrite $status, 'x ' . ($! == $TOO_BIG ? 'invalid' : 'unavailable') . " /bin/sh cannot be started: $!.\n";
    exit 127;
}
while ((my $pid = waitpid -1, 0) > 0) { last if $pid == $recipe }
syswrite $status, "w $?\n";
exit 0;

sub read_environment {
    open my $file, '<&=', $_[0] or die "the sandbox has no environment: $!\n";
    local $/;
    return unpack '(N/a*)*', readline($file) // '';
}

sub machine { open my $file, '<', '/proc/sys/kernel/arch' or return guess(); my $name = <$file> // ''; chomp $name; $name }

# Kernels before 6.1 do not say; the size of an address and its order of bytes are the same on both machines.
sub guess { require POSIX; (POSIX::uname())[4] }

# Listens before the recipe runs; a process of its own for each connection.
sub relay {
    my ($to) = @_;
    require Socket;
    socket my $door, Socket::PF_INET(), Socket::SOCK_STREAM(), 0 or die "relay: $!\n";
    setsockopt $door, Socket::SOL_SOCKET(), Socket::SO_REUSEADDR(), pack 'l', 1;
    bind $door, Socket::pack_sockaddr_in(3128, Socket::inet_aton('127.0.0.1')) or die "relay: $!\n";
    listen $door, 128 or die "relay: $!\n";
    my $pid = fork // die "relay: $!\n";
    if ($pid > 0) { close $door; return }
    close $status;
    $SIG{CHLD} = 'IGNORE';
    while (1) {
        accept my $caller, $door or next;
        my $one = fork;
        hand_on($caller, $to) if defined $one && $one == 0;
    }
}

sub hand_on {
    my ($caller, $to) = @_;
    socket my $proxy, Socket::PF_UNIX(), Socket::SOCK_STREAM(), 0 or exit 1;
    connect $proxy, Socket::pack_sockaddr_un($to) or exit 1;
    my %other = (fileno $caller, [$caller, $proxy], fileno $proxy, [$proxy, $caller]);
    while (%other) {
        my $ready = '';
        vec($ready, $_, 1) = 1 for keys %other;
        select $ready, undef, undef, undef;
        for my $fd (grep { vec $ready, $_, 1 } keys %other) {
            my ($from, $into) = @{ $other{$fd} };
            my $got = sysread $from, my $bytes, 65536;
            if (!$got) { shutdown $into, 1; delete $other{$fd}; next }
            for (my $at = 0; $at < $got;) { $at += syswrite($into, $bytes, $got - $at, $at) // exit 1 }
        }
    }
    exit 0;
}
