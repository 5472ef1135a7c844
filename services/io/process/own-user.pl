# A user of each job's own, where the service is root: no job is root, and none is the user of another one. What root's
# folders hold shows as that user's by idmapped mounts, in the mount namespace of the keeper alone: on the disk all stays
# root's, and nothing has to be given to anybody. Where that cannot be had, files are given to the user for good.
use strict;
use warnings;
use POSIX ();

# The same numbers on every machine.
my ($OPEN_TREE, $MOVE_MOUNT, $MOUNT_SETATTR) = (428, 429, 442);
my ($DROP_FROM_BOUNDING_SET, $SET_NO_NEW_PRIVS, $RECURSIVE, $READ_ONLY) = (24, 38, 0x8000, 1);
my ($HERE, $CLONE_AND_CLOEXEC, $EMPTY_PATH, $FROM_EMPTY_PATH, $IDMAP) = (-100, 1 | 0x80000, 0x1000, 4, 0x00100000);
my $NEW_USER_NAMESPACE = 0x10000000;
my %namespaces;

# The lowest number that none of these keepers has, or undef.
sub free_user {
    my ($first, $count, @keepers) = @_;
    my %taken = map { $_->{user} => 1 } grep { defined $_->{user} } @keepers;
    for (my $user = $first; $user < $first + $count; $user++) { return $user unless $taken{$user} }
    return undef;
}

# A namespace in which this user is root, as an open file. Made once for each user.
sub namespace_of {
    my ($user, $clone) = @_;
    return $namespaces{$user} if $namespaces{$user};
    pipe my $wait, my $go or return undef;
    my $pid = syscall $clone, $NEW_USER_NAMESPACE | POSIX::SIGCHLD(), 0, 0, 0, 0;
    if ($pid == 0) { close $go; sysread $wait, my $nothing, 1; POSIX::_exit(0) }
    return undef if $pid < 0;
    my $made = spew("/proc/$pid/uid_map", "0 $user 1") && spew("/proc/$pid/gid_map", "0 $user 1")
        && open $namespaces{$user}, '<', "/proc/$pid/ns/user";
    close $go;
    waitpid $pid, 0;
    delete $namespaces{$user} unless $made;
    return $namespaces{$user};
}

sub namespace_files { return values %namespaces }

# Shows what lies at a path as the user's, to be read alone or written too. False, with $!, when the kernel or the file system cannot.
sub map_to_user {
    my ($path, $is_read_only, $namespace) = @_;
    my ($none, $attributes) = ('', pack 'Q4', $IDMAP | ($is_read_only ? $READ_ONLY : 0), 0, 0, fileno $namespace);
    my $tree = syscall $OPEN_TREE, $HERE, $path, $CLONE_AND_CLOEXEC;
    return 0 if $tree < 0;
    my $done = syscall($MOUNT_SETATTR, $tree, $none, $EMPTY_PATH, $attributes, length $attributes) == 0
        && syscall($MOVE_MOUNT, $tree, $none, $HERE, $path, $FROM_EMPTY_PATH) == 0;
    my $why = $! + 0;
    POSIX::close($tree);
    $! = $why;
    return $done;
}

# Gives what lies at these paths to the user for good, links themselves and not what they lead to.
sub give_to_user {
    my ($user, @paths) = @_;
    return !@paths || system({ 'chown' } 'chown', '-hR', "$user:$user", '--', @paths) == 0;
}

# Puts an empty folder over one that others may not pass, and in it what of these paths lies below, as it shows now.
sub cover_folder {
    my ($mount, $cover, @paths) = @_;
    my @below = sort grep { "$_/" =~ m{^\Q$cover\E/} } @paths;
    my @outer = grep { my $path = $_; !grep { $path ne $_ && "$path/" =~ m{^\Q$_\E/} } @below } @below;
    my @trees;
    for my $path (@outer) {
        my $tree = syscall $OPEN_TREE, $HERE, $path, $CLONE_AND_CLOEXEC | $RECURSIVE;
        return 0 if $tree < 0;
        push @trees, [$path, -d $path, $tree];
    }
    my ($type, $options, $none) = ('tmpfs', 'mode=755,size=1m', '');
    return 0 if syscall($mount, $type, $cover, $type, 2 | 4, $options) != 0;
    for (@trees) {
        my ($path, $is_folder, $tree) = @$_;
        my ($above) = $path =~ m{^(.*)/}s;
        make_folders($cover, $is_folder ? $path : $above);
        if (!$is_folder) { open my $file, '>', $path or return 0 }
        my $done = syscall($MOVE_MOUNT, $tree, $none, $HERE, $path, $FROM_EMPTY_PATH) == 0;
        my $why = $! + 0;
        POSIX::close($tree);
        $! = $why;
        return 0 unless $done;
    }
    return 1;
}

sub make_folders {
    my ($from, $path) = @_;
    my $at = $from;
    for (split m{/}, substr $path, length $from) { next if $_ eq ''; $at .= "/$_"; mkdir $at, 0755 }
}

# For good: no program that is anybody else's by its mode gives the number back.
sub become_user {
    my ($prctl, $user) = @_;
    my $none = 0;
    syscall $prctl, $DROP_FROM_BOUNDING_SET, $_, 0, 0, 0 for 0 .. 63;
    return 0 unless syscall($prctl, $SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    $) = "$user $user";
    ($(, $)) = ($user, "$user $user");
    POSIX::setgid($user) && POSIX::setuid($user);
    return $< == $user && $> == $user && $( == $user;
}

# Lays a folder that may be written over one that is only read. The user's, where the folders show as the user's: root is
# nobody there and could make nothing.
sub mount_layers {
    my ($call, $user, $lower, $upper, $work, $at) = @_;
    my ($type, $options) = ('overlay', join ',', "lowerdir=$lower", "upperdir=$upper", "workdir=$work", 'userxattr');
    my ($header, $powers) = (pack('LL', 0x20080522, 0), "\0" x 24);
    if (defined $user) {
        syscall $call->{capget}, $header, $powers;
        syscall $call->{setfsgid}, $user;
        syscall $call->{setfsuid}, $user;
        # The kernel takes root's way through closed folders with the number.
        syscall $call->{capset}, $header, $powers;
    }
    my $done = syscall($call->{mount}, $type, $at, $type, 2 | 4, $options) == 0;
    my $why = $! + 0;
    if (defined $user) { syscall $call->{setfsuid}, 0; syscall $call->{setfsgid}, 0 }
    $! = $why;
    return $done;
}

1;
