# What a process may still do: asked for by itself, for itself and all that it starts, never to be taken back.
# Landlock's calls have the same numbers on every machine; no compiler and no privilege is needed.
use strict;
use warnings;

my ($LANDLOCK_CREATE, $LANDLOCK_ADD, $LANDLOCK_RESTRICT) = (444, 445, 446);
my ($SET_SECCOMP, $DROP_FROM_BOUNDING_SET, $SET_NO_NEW_PRIVS, $FILTER) = (22, 24, 38, 2);
my ($EXECUTE, $WRITE_FILE, $READ_FILE, $READ_DIR, $REFER, $TRUNCATE) = (1, 2, 4, 8, 1 << 13, 1 << 14);
my $O_PATH_CLOEXEC = 0x200000 | 0x80000;

sub no_new_privileges { return syscall($_[0], $SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 }

# Root keeps its files and loses its powers, for good. Landlock alone does not hold root: some kernels let CAP_PERFMON read
# the environment of any process.
sub drop_capabilities {
    my ($prctl, $capset) = @_;
    syscall $prctl, $DROP_FROM_BOUNDING_SET, $_, 0, 0, 0 for 0 .. 63;
    my ($header, $none) = (pack('LL', 0x20080522, 0), pack 'L6', (0) x 6);
    return syscall($capset, $header, $none) == 0;
}

# Only what lies below these files and folders can be opened; write implies read. False, with $!, when the kernel refuses.
sub landlock {
    my ($read, $write) = @_;
    my $version = syscall $LANDLOCK_CREATE, 0, 0, 1;
    return 0 if $version < 1;
    my $all = 0x1fff | ($version >= 2 ? $REFER : 0) | ($version >= 3 ? $TRUNCATE : 0);
    # From version 6 on, signals and abstract sockets of others are out of reach too.
    my $ruleset = pack $version >= 6 ? 'QQQ' : $version >= 4 ? 'QQ' : 'Q', $all, $version >= 4 ? 0 : (), $version >= 6 ? 3 : ();
    my $set = syscall $LANDLOCK_CREATE, $ruleset, length $ruleset, 0;
    return 0 if $set < 0;
    allow($set, $_, $EXECUTE | $READ_FILE | $READ_DIR) for @$read;
    allow($set, $_, $all) for @$write;
    allow($set, '/dev', $READ_FILE | $READ_DIR | $WRITE_FILE);
    return syscall($LANDLOCK_RESTRICT, $set, 0) == 0;
}

# What is not there cannot be allowed; it can then not be opened either.
sub allow {
    my ($set, $path, $rights) = @_;
    sysopen my $place, $path, $O_PATH_CLOEXEC or return;
    $rights &= $EXECUTE | $WRITE_FILE | $READ_FILE | $TRUNCATE unless -d $place;
    my $rule = pack 'Ql', $rights, fileno $place;
    syscall $LANDLOCK_ADD, $set, 1, $rule, 0;
}

# Sockets of the families unix and netlink alone: no TCP, no UDP, of either version, and no io_uring to make them by.
sub no_internet {
    my ($prctl, $arch, $socket) = @_;
    my ($load, $equal, $above, $return) = (0x20, 0x15, 0x35, 0x06);
    my ($permit, $kill, $not_permitted, $no_access) = (0x7fff0000, 0x80000000, 0x00050001, 0x0005000d);
    my @steps = (
        [$load, 0, 0, 4], [$equal, 1, 0, $arch], [$return, 0, 0, $kill],
        [$load, 0, 0, 0], [$above, 0, 1, 0x40000000], [$return, 0, 0, $not_permitted],
        [$equal, 0, 1, 425], [$return, 0, 0, $not_permitted],
        [$equal, 0, 4, $socket], [$load, 0, 0, 16], [$equal, 2, 0, 1], [$equal, 1, 0, 16],
        [$return, 0, 0, $no_access], [$return, 0, 0, $permit],
    );
    my $filter = join '', map { pack 'SCCL', @$_ } @steps;
    my $program = pack 'S x6 P', scalar @steps, $filter;
    return syscall($prctl, $SET_SECCOMP, $FILTER, $program, 0, 0) == 0;
}

# Which system calls may be made, by a filter as the kernel takes it. It is not to slow down what has nothing to hide.
sub filter_calls {
    my ($seccomp, $path) = @_;
    open my $file, '<:raw', $path or return 0;
    my $filter = do { local $/; readline $file } // '';
    my $program = pack 'S x6 P', length($filter) / 8, $filter;
    my ($MODE_FILTER, $SPECULATION_ALLOWED) = (1, 4);
    return syscall($seccomp, $MODE_FILTER, $SPECULATION_ALLOWED, $program) == 0;
}

1;
