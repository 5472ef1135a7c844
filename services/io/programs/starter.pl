#!/usr/bin/perl
# The resident starter: starts programs for a process that is large, and whose own fork would take milliseconds.
# Requests on stdin are frames as in launcher.pl; answers on stdout are lines:
#   run ID INPUT CWD ARGC ARG... [NAME VALUE]...  ->  started ID PID STDOUT_FD STDERR_FD STDIN_FD|- (held for the asker)
#   opened ID (they may be closed)                ->  ended ID WAIT_STATUS, or failed ID ERRNO when it could not be begun
# Each program leads a group of its own, which its asker may signal. INPUT is 1 for one that reads its input.
# End of stdin means that the asker is gone, however it died: every group hears TERM, so that git takes its locks away.
use strict;
use warnings;
use POSIX ();

my (%programs, %held);
my $in = '';
$SIG{CHLD} = sub { };
$SIG{PIPE} = sub { };    # a handler and not IGNORE, which programs would inherit
for (grep { $_ > 2 } map { m{(\d+)$} } glob '/proc/self/fd/*') { POSIX::close($_) }
open my $null, '+<', '/dev/null' or die "/dev/null: $!\n";
# Says by a byte in a pipe that somebody ended. Perl runs a handler between its steps: of a signal that comes just before the
# wait it writes the byte behind it, so that the wait is short as long as a program runs.
pipe my $ends, my $end or die "pipe: $!\n";
$SIG{CHLD} = sub { syswrite $end, '.' };

while (1) {
    my $ready = '';
    vec($ready, $_, 1) = 1 for 0, fileno $ends;
    select($ready, undef, undef, %programs ? 0.05 : undef) >= 0 or next;
    if (vec $ready, fileno $ends, 1) { sysread $ends, my $some, 4096 }
    collect();
    next unless vec $ready, 0, 1;
    my $got = sysread STDIN, $in, 65536, length $in;
    finish() if defined $got && $got == 0;
    while (length $in >= 4 && length $in >= 4 + unpack 'N', $in) {
        my ($verb, $id, @rest) = unpack '(N/a)*', substr substr($in, 0, 4 + unpack('N', $in), ''), 4;
        $verb eq 'run' ? start($id, @rest) : delete $held{$id};
    }
}

sub say_line { my $line = "@_\n"; defined syswrite(STDOUT, $line) or finish() }

sub start {
    my ($id, $has_input, $cwd, $count, @rest) = @_;
    my @args = splice @rest, 0, $count;
    my ($out, $out_w, $err, $err_w, $trouble, $trouble_w, $input, $input_w);
    pipe($out, $out_w) && pipe($err, $err_w) && pipe($trouble, $trouble_w) && (!$has_input || pipe $input, $input_w)
        or return say_line('failed', $id, $! + 0);
    my $pid = fork;
    return say_line('failed', $id, $! + 0) unless defined $pid;
    if ($pid == 0) {
        @SIG{qw(CHLD PIPE)} = ('DEFAULT') x 2;
        setpgrp 0, 0;
        chdir $cwd
            and POSIX::dup2(fileno($input // $null), 0)
            and POSIX::dup2(fileno $out_w, 1)
            and POSIX::dup2(fileno $err_w, 2)
            and do { %ENV = @rest; no warnings 'exec'; exec { $args[0] } @args };
        syswrite $trouble_w, $! + 0;
        POSIX::_exit(127);
    }
    # By both, so that the group is there when its asker hears of it: a signal at once would reach nobody.
    setpgrp $pid, $pid;
    $programs{$pid} = { id => $id, trouble => $trouble };
    $held{$id} = [$out, $err, $input_w];
    say_line('started', $id, $pid, fileno $out, fileno $err, $input_w ? fileno $input_w : '-');
}

sub collect {
    while ((my $pid = waitpid -1, POSIX::WNOHANG()) > 0) {
        my $status = $?;
        my $program = delete $programs{$pid} or next;
        sysread $program->{trouble}, my $errno, 16;
        $errno ? say_line('failed', $program->{id}, $errno) : say_line('ended', $program->{id}, $status);
    }
}

sub finish {
    kill TERM => map { -$_ } keys %programs;
    for (1 .. 100) {
        my $ended;
        1 while ($ended = waitpid -1, POSIX::WNOHANG()) > 0;
        last if $ended < 0;
        select undef, undef, undef, 0.01;
    }
    kill KILL => map { -$_ } keys %programs;
    POSIX::_exit(0);
}
