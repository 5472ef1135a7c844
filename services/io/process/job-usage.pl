# What the living processes of a job use up, as far as the kernel tells.
use strict;
use warnings;
use POSIX ();

my $page = POSIX::sysconf(POSIX::_SC_PAGESIZE());

# Bytes, threads, and seconds of CPU with those of the children that they have waited for. Bytes count what is shared once,
# which the kernel sums up slowly: it is asked only when the fast sum, which counts it for each, is beyond `enough`.
sub usage_of {
    my ($enough, @pids) = @_;
    my ($own, $all, $threads, $ticks) = (0, 0, 0, 0);
    for (@pids) {
        my ($stat, $statm) = (first_line("/proc/$_/stat"), first_line("/proc/$_/statm"));
        next unless defined $stat && defined $statm;
        my @facts = split ' ', substr $stat, rindex($stat, ')') + 2;
        my (undef, $resident, $shared) = split ' ', $statm;
        $ticks += $_ for @facts[11 .. 14];
        $threads += $facts[17];
        $own += $page * ($resident - $shared);
        $all += $page * $resident;
    }
    my $bytes = $enough eq '' || $all <= $enough ? $own : proportional(@pids) || $own;
    return ($bytes, $threads, $ticks / 100);
}

# Memory that no file on a disk backs, each page by as many as share it.
sub proportional {
    my $bytes = 0;
    for (@_) {
        open my $sums, '<', "/proc/$_/smaps_rollup" or next;
        while (my $line = readline $sums) { $bytes += 1024 * $1 if $line =~ /^Pss_(?:Anon|Shmem):\s+(\d+)/ }
    }
    return $bytes;
}

# Bytes of open files that have no name any more: in memory, and on disks. Each file once.
sub nameless_files {
    my (%seen, $memory, $disk);
    ($memory, $disk) = (0, 0);
    for my $fd (map { glob "/proc/$_/fd/*" } @_) {
        my $name = readlink $fd // next;
        next unless $name =~ m{^/memfd:|^/dev/shm/|^/SYSV} || $name =~ / \(deleted\)$/;
        my ($device, $inode, $mode, $blocks) = (stat $fd)[0, 1, 2, 12];
        next if !defined $mode || ($mode & 0170000) != 0100000 || $seen{"$device $inode"}++;
        $name =~ m{^/(?:memfd:|dev/|SYSV|tmp/)} ? ($memory += 512 * $blocks) : ($disk += 512 * $blocks);
    }
    return ($memory, $disk);
}

sub first_line { open my $file, '<', $_[0] or return; return scalar readline $file }

1;
