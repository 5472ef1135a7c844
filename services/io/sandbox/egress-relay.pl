# The only way out of a sandbox without a network: what connects to 127.0.0.1:3128 is handed on to the proxy's socket.
use strict;
use Socket ();

# Listens before the recipe runs; a process of its own for each connection.
sub relay {
    my ($to, $status) = @_;
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

1;
