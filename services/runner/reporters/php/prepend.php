<?php

/**
 * Runs before the script that a PHP was started with. Where that is PHPUnit, its own log of what it does goes to a stream of ours,
 * which writes it, signed line by line with what stood before, to a folder outside of the tree. Versions 5 to 12 know that log.
 */
(static function (): void {
    $folder = getenv('CRAFTING_REPORT_DIR');
    putenv('CRAFTING_REPORT_DIR');
    unset($_SERVER['CRAFTING_REPORT_DIR'], $_ENV['CRAFTING_REPORT_DIR']);
    $words = $_SERVER['argv'] ?? [];
    if (!is_string($folder) || !is_dir("$folder/keys") || PHP_SAPI !== 'cli') {
        return;
    }
    $isRunner = preg_match('~^(?:simple-)?phpunit(?:\.phar|\.php)?$~', basename($words[0] ?? '')) === 1;
    if (!$isRunner || preg_grep('~^--log-teamcity~', $words) !== [] || preg_grep('~^--(?:version|help|list-.*)$~', $words) !== []) {
        // Another script may start the runner.
        putenv("CRAFTING_REPORT_DIR=$folder");
        return;
    }
    CraftingTableReport::$folder = $folder;
    stream_wrapper_register('crafting-table', CraftingTableReport::class);
    $_SERVER['argv'] = [$words[0], '--log-teamcity', 'crafting-table://report/tests', ...array_slice($words, 1)];
    $GLOBALS['argv'] = $_SERVER['argv'];
    $_SERVER['argc'] = $GLOBALS['argc'] = count($_SERVER['argv']);
})();

/** The stream to which PHPUnit writes its log for TeamCity. */
final class CraftingTableReport
{
    public static string $folder = '';
    /** @var resource|null */
    public $context;
    /** @var resource|null */
    private static $file = null;
    private static string $key = '';
    private static string $mac = '';
    private static string $rest = '';
    private static int $depth = 0;
    /** @var array<string, string> */
    private static array $outcomes = [];
    /** @var array<string, string> */
    private static array $places = [];

    public function stream_open(string $path, string $mode): bool
    {
        if (self::$file !== null) {
            return true;
        }
        foreach (scandir(self::$folder . '/keys') ?: [] as $name) {
            $mine = self::$folder . "/keys/$name." . getmypid();
            if ($name[0] === '.' || !@rename(self::$folder . "/keys/$name", $mine)) {
                continue;
            }
            self::$key = trim((string) file_get_contents($mine));
            unlink($mine);
            self::$file = @fopen(self::$folder . "/$name.jsonl", 'x') ?: null;
            if (self::$file !== null) {
                self::say(['k' => 'start', 'tool' => 'phpunit', 'version' => PHP_VERSION]);

                return true;
            }
        }

        return false;
    }

    public function stream_write(string $text): int
    {
        $lines = explode("\n", self::$rest . $text);
        self::$rest = (string) array_pop($lines);
        foreach ($lines as $line) {
            if (preg_match('~^##teamcity\[(\w+) ?(.*)\]$~', trim($line), $found) === 1) {
                self::hear($found[1], $found[2]);
            }
        }

        return strlen($text);
    }

    private static function hear(string $what, string $about): void
    {
        preg_match_all("~(\w+)='((?:[^'|]|\|.)*)'~", $about, $found);
        $said = array_combine($found[1], $found[2]);
        $name = $said['name'] ?? '';
        if ($what === 'testSuiteStarted') {
            ++self::$depth;
        } elseif ($what === 'testStarted') {
            self::$places[$name] = preg_replace('~^.*::\\\\?(?=[^:]*::[^:]*$)~', '', $said['locationHint'] ?? $name);
            self::$outcomes[$name] = 'passed';
        } elseif ($what === 'testFailed') {
            self::$outcomes[$name] = 'failed';
        } elseif ($what === 'testIgnored') {
            self::$outcomes[$name] = 'skipped';
        } elseif ($what === 'testFinished') {
            self::say(['k' => 'test', 'id' => self::$places[$name] ?? $name, 'outcome' => self::$outcomes[$name] ?? 'doubtful', 'ms' => (int) ($said['duration'] ?? 0)]);
        } elseif ($what === 'testSuiteFinished' && --self::$depth === 0) {
            self::say(['k' => 'end', 'exit' => 0, 'changed' => self::changed()]);
        }
    }

    /** Classes of the runner that come from elsewhere than the runner. */
    private static function changed(): array
    {
        $runner = (string) (new ReflectionClass(class_exists('PHPUnit\TextUI\Application', false) ? 'PHPUnit\TextUI\Application' : 'PHPUnit\TextUI\Command'))->getFileName();
        $home = dirname($runner, 2);
        $tree = getcwd() . '/';
        $changed = [];
        foreach (array_merge(get_declared_classes(), get_declared_interfaces(), get_declared_traits()) as $name) {
            if (!str_starts_with($name, 'PHPUnit\\')) {
                continue;
            }
            $file = (string) (new ReflectionClass($name))->getFileName();
            if (str_starts_with($file, $tree) && !str_starts_with($file, $home)) {
                $changed[] = "$name by " . substr($file, strlen($tree));
            }
        }
        $functions = array_filter(get_defined_functions()['user'], static fn (string $name): bool => str_starts_with($name, 'phpunit\\framework\\'));
        foreach ($functions as $name) {
            $file = (string) (new ReflectionFunction($name))->getFileName();
            if (str_starts_with($file, $tree) && !str_starts_with($file, $home)) {
                $changed[] = "$name by " . substr($file, strlen($tree));
            }
        }

        return array_slice($changed, 0, 20);
    }

    private static function say(array $record): void
    {
        $line = (string) json_encode($record, JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES);
        self::$mac = hash_hmac('sha256', self::$mac . $line, self::$key);
        fwrite(self::$file, self::$mac . " $line\n");
    }

    public function stream_flush(): bool
    {
        return true;
    }

    public function stream_close(): void
    {
    }

    public function stream_metadata(string $path, int $option, mixed $value): bool
    {
        return true;
    }

    public function mkdir(string $path): bool
    {
        return true;
    }

    /** The folder of the stream is there. */
    public function url_stat(string $path): array
    {
        return ['mode' => 0o40777];
    }
}
