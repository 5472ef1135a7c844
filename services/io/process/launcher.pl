#!/usr/bin/perl
# The resident launcher: starts recipes on request and lets nothing of them live on.
#   perl launcher.pl pid-namespace|subreaper [FIRST_USER USERS]
# Requests on stdin are frames, N length + fields (N length + bytes each); answers on stdout are lines:
#   run ID CWD COMMAND FILE_BYTES PROCESSES CPU_SECS MEMORY_BYTES DISK_BYTES INTERNET CALLS USER OWN SEEN WRAP READ WRITE LAYERS COVERS [NAME VALUE]...
#                                                            ->  started ID STDOUT_FD STDERR_FD (read ends, held for the asker)
#   opened ID (they may be closed)   term ID   kill ID       ->  ended ID WAIT_STATUS|none LIMIT|-, or failed ID CODE SENTENCE
# Limits may be empty. The words from OWN to COVERS are lists: how many, then each. WRAP is a program that makes a
# sandbox and runs `inside.pl` in it, which gets two file descriptors, a user or '' and the command as its last arguments.
# With READ, only what is below those paths and WRITE can be opened. INTERNET is 'no' to refuse such sockets, CALLS a
# file with a filter of system calls or ''. With OWN, a launcher of root gives the job a user of its own, whose these
# paths are: USER, who gets them for good, or with '' one of the USERS from FIRST_USER on, to whom they only show so, and
# SEEN to be read. COVERS are folders that this user could not pass: what of both lies below shows in empty ones. LAYERS holds four for each folder that is laid
# over another: what is read, what is written, a place to work in, and where the whole is seen.
# Every job has a keeper, forked from here and never exec'ed: the parent-death signal would be lost in an exec of a
# setuid program. The keeper is process 1 of a new pid namespace, or the subreaper of all that the recipe starts.
# The keeper of the next job is made ahead and waits for its order: to enter a control group can take the kernel 10 ms.
# End of stdin means that the service is gone, however it died: every job is killed, then this process ends.
# Perl, because every Debian has it (perl-base is essential) and it can make any system call; no compiler needed.
use strict;
use warnings;
use POSIX ();

my ($level, $first_user, $users) = @ARGV;
my $isolated = $level eq 'pid-namespace';
my %calls = (
    x86_64  => { clone => 56,  prctl => 157, mount => 165, prlimit64 => 302, setitimer => 38,  memfd => 319, capget => 125, capset => 126, seccomp => 317, setfsuid => 122, setfsgid => 123, socket => 41,  getxattr => 191, arch => 0xc000003e },
    aarch64 => { clone => 220, prctl => 167, mount => 40,  prlimit64 => 261, setitimer => 103, memfd => 279, capget => 90,  capset => 91,  seccomp => 277, setfsuid => 151, setfsgid => 152, socket => 198, getxattr => 8, arch => 0xc00000b7 },
);
my $call = $calls{ (POSIX::uname())[4] } or die "no system call numbers for this machine\n";
my ($NEWNS, $NEWUSER, $NEWPID) = (0x00020000, 0x10000000, 0x20000000);
my ($SET_PDEATHSIG, $SET_DUMPABLE, $SET_CHILD_SUBREAPER) = (1, 4, 36);
my ($LIMIT_CPU, $LIMIT_FSIZE, $LIMIT_CORE, $LIMIT_NPROC) = (0, 1, 4, 6);
my $LOOK_EVERY_US = 250_000;
# The keeper and the processes that make up a sandbox count too.
my $OF_THE_SANDBOX = 9;
my $BYTES_OF_THE_SANDBOX = 32 << 20;
# Open files are looked at each so many looks.
my $LOOKS_BETWEEN = 8;
# More than this of the status of one job is not ours.
my $MOST_SAID = 4096;
my ($uid, $gid) = ($>, $) + 0);

my ($here) = __FILE__ =~ m{^(.*)/}s;
require "$here/$_" for qw(confine.pl delegated-groups.pl job-group.pl job-usage.pl own-user.pl);

my ($term, $kill, $look, $looks, $recipe, $wrapped, $code) = (0, 0, 0, 0, 0, 0, undef);
my $nothing = POSIX::SigSet->new;
# Blocked here for good, so that a keeper, which inherits the mask, can lose no signal before it is ready.
POSIX::sigprocmask(POSIX::SIG_BLOCK(), POSIX::SigSet->new(POSIX::SIGTERM(), POSIX::SIGUSR1(), POSIX::SIGALRM()));
$SIG{TERM} = sub { $term = 1 };
$SIG{USR1} = sub { $kill = 1 };
$SIG{ALRM} = sub { $look = 1 };
$SIG{CHLD} = sub { };
$SIG{PIPE} = sub { };    # a handler and not IGNORE, which recipes would inherit
umask 022;
# Neither this process nor the service, whose memory holds secrets, leaves a dump.
limit($LIMIT_CORE, 0, $_) for 0, getppid;
syscall($call->{prctl}, $SET_CHILD_SUBREAPER, 1, 0, 0, 0) unless $isolated;
# Jobs get a group each where that can be had: as root, or in a group that was handed to the service.
my $groups = find_job_groups($call->{getxattr});
$first_user = undef unless $uid == 0 && $isolated;
my $usual_priority = getpriority 0, 0;
# The service may itself have been given open files, which would be the recipes' then.
for (grep { $_ > 2 } map { m{(\d+)$} } glob '/proc/self/fd/*') { POSIX::close($_) }
open my $null, '+<', '/dev/null' or die "/dev/null: $!\n";

my (%jobs, %by_pid, %ends, $in, $spare);
my $made = 0;
my $top = fileno $null;
$in = '';
$spare = make_keeper();
while (1) {
    my $ready = '';
    vec($ready, $_, 1) = 1 for 0, map { $_->{over} ? () : fileno $_->{status} } values %jobs;
    # A keeper whose status pipe has closed is dying; SIGCHLD says when, and the time limit covers one that came too early.
    my $dying = grep { $_->{over} } values %jobs;
    select($ready, undef, undef, $dying ? 0.005 : undef) >= 0 or $ready = '';
    for my $job (grep { !$_->{over} && vec($ready, fileno $_->{status}, 1) } values %jobs) {
        hear($job) or $job->{over} = 1;
    }
    collect();
    next unless vec($ready, 0, 1);
    my $got = sysread STDIN, $in, 65536, length $in;
    finish() if defined $got && $got == 0;
    while (length $in >= 4 && length $in >= 4 + unpack 'N', $in) {
        handle(unpack '(N/a)*', substr substr($in, 0, 4 + unpack('N', $in), ''), 4);
    }
}

sub hear {
    my ($job) = @_;
    my $got = sysread $job->{status}, my $more, 4096;
    $job->{said} .= $more if $got && length $job->{said} < $MOST_SAID;
    return $got;
}

sub say_line { my $line = "@_\n"; defined syswrite(STDOUT, $line) or finish() }

sub limit {
    my ($which, $most, $pid) = @_;
    my $pair = pack 'QQ', $most, $most;
    return syscall($call->{prlimit64}, $pid // 0, $which, $pair, 0) == 0;
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
    my ($id, @fields) = @_;
    my ($job, $why);
    # One that waited may have been killed meanwhile.
    for ($spare, undef) {
        $job = $_ // make_keeper() // return say_line('failed', $id, 'unavailable', "No process could be started: $!.");
        last if give_order($job, @fields);
        1 while hear($job);
        ($why) = $job->{said} =~ /^x (.+)$/m;
        $job = undef;
    }
    $spare = undef;
    return say_line('failed', $id, $why // 'unavailable The process that is to keep the job does not take its order.') unless $job;
    my ($out, $err) = @{ delete $job->{ends} };
    $jobs{$id} = $job;
    $job->{id} = $id;
    $ends{$id} = [$out, $err];
    say_line('started', $id, fileno $out, fileno $err);
    $spare = make_keeper();
}

# Starts a keeper, which waits for its order; undef, with $!, when there can be none.
sub make_keeper {
    my ($out, $out_w, $err, $err_w, $status, $status_w, $order, $order_w);
    pipe($out, $out_w) && pipe($err, $err_w) && pipe($status, $status_w) && pipe($order, $order_w) or return undef;
    for ($out_w, $err_w, $status_w, $order_w) { $top = fileno $_ if fileno $_ > $top }
    my $group = defined $groups ? make_job_group($groups, ++$made) : undef;
    my $user = defined $first_user ? free_user($first_user, $users, values %by_pid) : undef;
    my $namespace = defined $user ? namespace_of($user, $call->{clone}) : undef;
    for (namespace_files()) { $top = fileno $_ if fileno $_ > $top }
    # clone and not unshare: unshare works once per process, and would need one process more for every job.
    my $flags = $isolated ? $NEWPID | $NEWNS | ($uid ? $NEWUSER : 0) : 0;
    my $pid = syscall $call->{clone}, $flags | POSIX::SIGCHLD(), 0, 0, 0, 0;
    keep({ out => $out_w, err => $err_w, status => $status_w, orders => $order, group => $group, user => $user, namespace => $namespace })
        if $pid == 0;
    my %keeper = (pid => $pid, ends => [$out, $err], status => $status, said => '', over => 0, order => $order_w, group => $group, user => $user);
    return $by_pid{$pid} = \%keeper if $pid > 0;
    my $why = $! + 0;
    remove_job_group($group) if defined $group;
    $! = $why;
    return undef;
}

# Whether the keeper takes it.
sub give_order {
    my ($keeper, @fields) = @_;
    my %order = read_order(@fields);
    my $pipe = delete $keeper->{order};
    $keeper->{wrapped} = @{ $order{wrap} } > 0;
    my $most = $order{processes} eq '' ? 'max' : $order{processes} + $OF_THE_SANDBOX;
    my $bytes = $order{memory_bytes} eq '' ? 'max' : $order{memory_bytes} + $BYTES_OF_THE_SANDBOX;
    !defined $keeper->{group} || limit_job_group($keeper->{group}, $most, $bytes) or return 0;
    my $frame = pack 'N/a*', pack '(N/a*)*', @fields;
    for (my $at = 0; $at < length $frame;) {
        my $written = syswrite $pipe, $frame, 65536, $at;
        defined $written ? ($at += $written) : $!{EINTR} || return 0;
    }
    return 1;
}

# What the keeper is to do; ends with the launcher, when no order comes any more.
sub take_order {
    my ($pipe) = @_;
    my $frame = '';
    while (length $frame < 4 || length $frame < 4 + unpack 'N', $frame) {
        my $got = sysread $pipe, $frame, 65536, length $frame;
        defined $got ? $got || POSIX::_exit(0) : $!{EINTR} || POSIX::_exit(127);
    }
    close $pipe;
    return read_order(unpack '(N/a)*', substr $frame, 4);
}

sub read_order {
    my %order;
    @order{qw(cwd command file_bytes processes cpu_secs memory_bytes disk_bytes internet calls user)} = splice @_, 0, 10;
    for (qw(own seen wrap read write layers covers)) {
        my $count = shift;
        $order{$_} = [splice @_, 0, $count];
    }
    return (%order, env => [@_]);
}

# Takes in what has died, and answers for the keepers among it.
sub collect {
    while ((my $pid = waitpid -1, POSIX::WNOHANG()) > 0) {
        my $job = delete $by_pid{$pid} or next;
        # One that waited for an order: the next job gets another.
        if (!defined $job->{id}) {
            $spare = undef if $spare && $spare == $job;
            remove_job_group($job->{group}) if defined $job->{group};
            next;
        }
        delete $jobs{ $job->{id} };
        1 while hear($job);
        # What was said inside the sandbox comes first; the keeper then only knows how the sandbox ended.
        my ($wait) = $job->{said} =~ /^w (\d+)$/m;
        my ($limit) = $job->{said} =~ /^l (\w+)$/m;
        # The keeper itself is in the group, and may have been what the kernel chose.
        $limit //= 'memory' if out_of_memory($job->{group});
        # A keeper of this level that was itself killed leaves its processes to us, the next subreaper above it.
        end_descendants(\%by_pid) unless $isolated || defined $wait;
        remove_job_group($job->{group}) if defined $job->{group};
        my $unmade = $job->{wrapped} && $wait && !($wait & 127) && $job->{said} !~ /^b$/m;
        if    ($job->{said} =~ /^x (.+)$/m) { say_line('failed', $job->{id}, $1) }
        elsif ($unmade)                     { say_line('failed', $job->{id}, 'unavailable', 'The sandbox of the job cannot be made.') }
        else                                { say_line('ended', $job->{id}, $wait // 'none', $limit // '-') }
    }
}

sub finish {
    # The one that waits for an order hears no signal, and ends when none can come.
    if ($spare) { close delete $spare->{order} }
    end_job($_) for values %jobs;
    my @emptied = grep { defined } map { $_->{group} } values %by_pid;
    while (%by_pid) {
        my $pid = waitpid -1, 0;
        last if $pid < 0 && !$!{EINTR};
        delete $by_pid{$pid};
    }
    end_descendants({}) unless $isolated;
    remove_job_group($_) for @emptied;
    POSIX::_exit(0);
}

# The keeper of one job. Does not return.
sub keep {
    my ($self) = @_;
    my ($out, $err, $status, $orders, $group) = @$self{qw(out err status orders group)};
    my $fail = sub { syswrite $status, "x @_\n"; POSIX::_exit(127) };
    POSIX::sigprocmask(POSIX::SIG_BLOCK(), POSIX::SigSet->new(POSIX::SIGCHLD()));
    POSIX::dup2(fileno $null, 0);
    POSIX::dup2(fileno $out, 1);
    POSIX::dup2(fileno $err, 2);
    my %kept = map { fileno $_ => 1 } grep { defined } $status, $orders, $self->{namespace};
    $kept{$_} or POSIX::close($_) for 3 .. $top;
    %jobs = %by_pid = %ends = ();
    syscall($call->{prctl}, $SET_PDEATHSIG, $isolated ? POSIX::SIGKILL() : POSIX::SIGUSR1(), 0, 0, 0);
    # Fails when the launcher died before the line above could tell us.
    defined syswrite $status, "s\n" or POSIX::_exit(127);
    !defined $group || join_job_group($group) or $fail->("unavailable The job cannot be put in its group: $!.");
    enter_namespace($fail) if $isolated;
    syscall($call->{prctl}, $SET_CHILD_SUBREAPER, 1, 0, 0, 0) unless $isolated;
    my $order = { take_order($orders) };
    $wrapped = @{ $order->{wrap} } > 0;
    # A job that forks on and on must not keep us from seeing it. Only root may do this, and it costs a third of the speed.
    my $uncapped = $uid == 0 && !($group && $group->{pids}) && $order->{processes} ne '';
    setpriority 0, 0, -20 if $uncapped;
    $recipe = fork // $fail->("unavailable No process could be started: $!.");
    execute($fail, $self, $order) if $recipe == 0;
    my $timer = pack 'q4', 0, $LOOK_EVERY_US, 0, $LOOK_EVERY_US;
    syscall($call->{setitimer}, 0, $timer, 0) if grep { $order->{$_} ne '' } qw(processes cpu_secs memory_bytes disk_bytes);
    while (1) {
        reap();
        last if defined $code || $kill;
        if ($term) { $term = 0; terminate() }
        if ($look) {
            $look = 0;
            my $limit = exceeded($order, $group);
            if ($limit) { syswrite $status, "l $limit\n"; last }
        }
        POSIX::sigsuspend($nothing);
    }
    syswrite $status, "l memory\n" if defined $code && out_of_memory($group);
    end_descendants({}) if reap() && !$isolated;    # in a namespace the kernel does it when the first process ends
    syswrite $status, "w $code\n" if defined $code;
    POSIX::_exit(0);
}

# All processes of the job hear it, but for those that make up the sandbox: with them it would end at once.
sub terminate {
    return kill TERM => $isolated ? -1 : descendants($$, {}) unless $wrapped;
    my %deaf = map { $_ => 1 } $recipe, children($recipe);
    my @hearing = grep { !$deaf{$_} } descendants($recipe, {});
    # The command has not begun: there is nothing to tidy up.
    return @hearing ? kill(TERM => @hearing) : kill KILL => $recipe;
}

# Which limit the living processes of the job are beyond, if any.
sub exceeded {
    my ($order, $group) = @_;
    my @pids = $isolated ? grep { $_ != 1 } map { m{(\d+)$} } glob '/proc/[0-9]*' : descendants($$, {});
    my ($bytes, $threads, $seconds) = usage_of($order->{memory_bytes}, @pids);
    my %used = (memory_bytes => $bytes, processes => $threads, cpu_secs => $seconds, disk_bytes => 0);
    if (++$looks % $LOOKS_BETWEEN == 0) {
        my ($memory, $disk) = nameless_files(@pids);
        $used{memory_bytes} = $memory if $memory > $bytes;
        $used{disk_bytes} = $disk;
    }
    my ($over) = grep { $order->{$_} ne '' && $used{$_} > $order->{$_} } qw(memory_bytes processes cpu_secs disk_bytes);
    $over = 'memory_bytes' if out_of_memory($group);
    return $over && { memory_bytes => 'memory', processes => 'processes', cpu_secs => 'cpu', disk_bytes => 'disk' }->{$over};
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
    my ($fail, $self, $order) = @_;
    POSIX::setsid();
    setpriority 0, 0, $usual_priority if getpriority(0, 0) != $usual_priority;
    # Before the mask goes, so that a TERM that came meanwhile ends this process and is not lost in the exec.
    $SIG{$_} = 'DEFAULT' for qw(TERM USR1 CHLD PIPE ALRM);
    POSIX::sigprocmask(POSIX::SIG_SETMASK(), $nothing);
    my $user = !@{ $order->{own} } ? undef : $order->{user} eq '' ? $self->{user} : $order->{user};
    lay_out($fail, $self, $order, $user);
    chdir $order->{cwd} or $fail->("invalid The working directory cannot be entered: $!.");
    set_limits($fail, $order, $user);
    become_user($call->{prctl}, $user) or $fail->("unavailable The job cannot be given its user: $!.") if defined $user && !$wrapped;
    shut_in($fail, $order);
    begin_sandbox($fail, $self, $order, $user) if $wrapped;
    %ENV = @{ $order->{env} };
    no warnings 'exec';
    exec { '/bin/sh' } 'sh', '-c', $order->{command};
    $fail->(($!{E2BIG} ? 'invalid' : 'unavailable') . " /bin/sh cannot be started: $!.");
}

# What makes the sandbox stands outside of it, and must not see the recipe's environment: LD_PRELOAD alone would be enough to
# have it do anything. The environment goes in through a file in memory.
sub begin_sandbox {
    my ($fail, $self, $order, $user) = @_;
    my $status = $self->{status};
    my @wrap = @{ $order->{wrap} };
    my $name = 'environment';
    my $fd = syscall $call->{memfd}, $name, 0;
    $fd >= 0 && open my $file, '+<&=', $fd or $fail->("unavailable No environment could be kept: $!.");
    my ($packed, $at) = (pack('(N/a*)*', @{ $order->{env} }), 0);
    while ($at < length $packed) { $at += syswrite($file, $packed, 65536, $at) // $fail->("unavailable No environment could be kept: $!.") }
    sysseek $file, 0, 0;
    # Both stay open in what is started: the recipe's end is said through one.
    fcntl $_, 2, 0 for $status, $file;
    %ENV = (PATH => '/usr/bin:/bin');
    no warnings 'exec';
    exec { $wrap[0] } @wrap, fileno $status, $fd, $user // '', $order->{command};
    $fail->("unavailable $wrap[0] cannot be started: $!.");
}

# The job's view of the disk, which only its own processes have.
sub lay_out {
    my ($fail, $self, $order, $user) = @_;
    my ($own, $seen, $layers, $covers) = @$order{qw(own seen layers covers)};
    my $is_given = $order->{user} ne '';
    $isolated || !@$layers && ($is_given || !@$own) or $fail->("unavailable The job has no view of the disk of its own.");
    !@$own || $is_given || defined $self->{namespace} or $fail->("unavailable There is no user of the job's own.");
    if ($is_given) { give_to_user($user, @$own) or $fail->("unavailable The job's files cannot be given to its user.") }
    else {
        my %mapped;
        for my $map ((map { [$_, 0] } sort @$own), map { [$_, 1] } sort @$seen) {
            # What lies in something that shows as the user's shows so already.
            next if grep { "$map->[0]/" =~ m{^\Q$_\E/} } keys %mapped;
            map_to_user(@$map, $self->{namespace}) or $fail->("unavailable $map->[0] cannot be shown as the user's own: $!.");
            $mapped{ $map->[0] } = 1;
        }
    }
    for (my @left = @$layers; @left;) {
        mount_layers($call, $user, splice @left, 0, 4) or $fail->("unavailable A folder cannot be laid over another: $!.");
    }
    cover_folder($call->{mount}, $_, @$own, @$seen) or $fail->("unavailable $_ cannot be covered: $!.") for @$covers;
    # What was made by root could not be opened again by its name, /dev/stdout.
    chown $user, $user, \*STDOUT, \*STDERR if defined $user;
}

sub set_limits {
    my ($fail, $order, $user) = @_;
    my @limits = ([$LIMIT_FSIZE, 'file_bytes', 'file size'], [$LIMIT_CPU, 'cpu_secs', 'CPU']);
    # Counted per user: in a namespace those of the job alone, elsewhere all of the service too, so as many more are allowed.
    my ($alive) = $isolated ? 0 : first_line('/proc/loadavg') =~ m{/(\d+)};
    local $order->{processes} = $order->{processes} + $alive if $order->{processes} ne '';
    push @limits, [$LIMIT_NPROC, 'processes', 'process'] if ($uid || defined $user) && !$wrapped;
    for (@limits) {
        my ($which, $name, $what) = @$_;
        next if $order->{$name} eq '';
        # The look comes first: it says which limit it was.
        my $most = $order->{$name} + ($which == $LIMIT_CPU ? 2 : 0);
        limit($which, $most) or $fail->("unavailable The $what limit is refused: $!.");
    }
}

sub shut_in {
    my ($fail, $order) = @_;
    my ($read, $write) = @$order{qw(read write)};
    return if @{ $order->{wrap} } || !@$read && $order->{internet} ne 'no';
    drop_capabilities(@$call{qw(prctl capset)}) && no_new_privileges($call->{prctl}) or $fail->("unavailable Privileges cannot be given up: $!.");
    $order->{calls} eq '' || filter_calls($call->{seccomp}, $order->{calls}) or $fail->("unavailable System calls cannot be refused: $!.");
    !@$read || landlock($read, $write) or $fail->("unavailable Landlock is refused: $!.");
    $order->{internet} ne 'no' || no_internet(@$call{qw(prctl arch socket)})
        or $fail->("unavailable The network cannot be taken away: $!.");
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
