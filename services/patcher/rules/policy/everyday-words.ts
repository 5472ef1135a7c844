import type { GrammarName } from '../../../floor/text/syntax-tree.ts';

/** A path is written with `::` or with dots. */
export const words = (text: string) => text.trim().replaceAll('::', '.').split(/\s+/);

/** Words of choosing, looping, counting, lists, texts and failures, which do the same wherever they are run. */
const shared = words(`
  if else elsif elif elseif unless then end do done for foreach in of while until loop break continue next redo return yield case
  when match switch default fallthrough otherwise where with as is not and or xor null nil None none undefined true false True
  False self this super me new throw throws raise try except finally rescue ensure catch assert pass
  let var val const final fn func function def fun sub my local class struct enum interface trait impl type extends implements
  public private protected internal package static readonly abstract sealed override mut ref move await async import from use
  using export include require namespace module begin typeof instanceof void
  int integer long short byte char bool boolean float double number string str String Int Long Boolean Double Float Char Byte
  list dict set tuple array map Map Set List Array object Object bytes bytearray
  len length size count sum min max abs round floor ceil trunc sqrt pow range first last head tail rest key keys value values
  item items entries get at has contains includes index find findIndex filter reduce fold each every some any all sort sorted
  sort_by order reverse reversed join split slice splice append add push pop shift unshift insert remove delete clear extend
  concat flat flatten flatMap flat_map zip enumerate fill copy clone dup merge update trim strip lstrip rstrip trimStart trimEnd
  lower upper toLowerCase toUpperCase replace replaceAll startsWith endsWith startswith endswith starts_with ends_with indexOf
  lastIndexOf index_of substring substr char_at charAt chars lines format print println printf puts echo isEmpty is_empty empty
  notEmpty isBlank close flush dispose free release unlock lock Lock Unlock name message cause error errors err e ex log warn
  info debug warning exception logger ok status code timeout encoding exports it cfg
`);

const own: Readonly<Record<GrammarName, readonly string[]>> = {
  python: words(`
    __name__ __hash__ __all__ hash divmod frozenset iter next isinstance issubclass callable sorted lambda del global nonlocal repr
    ord chr hex slice super property staticmethod classmethod cls dataclass field total_seconds setdefault defaultdict Counter deque
    OrderedDict popitem fromkeys casefold title capitalize isdigit isalpha isalnum isnumeric isspace isupper islower partition
    rpartition splitlines ljust rjust center zfill find rfind rindex removeprefix removesuffix encode decode intersection union
    difference symmetric_difference issubset issuperset discard fullmatch search findall finditer group groups start end span
    check capture_output text strict maxsplit sep key default initial args kwargs stacklevel exc_info usedforsecurity match
    Optional Union Iterable Iterator Sequence Mapping Callable Generator Literal Final ClassVar TypeVar Generic Protocol Self
    TYPE_CHECKING Dict Tuple FrozenSet Type Awaitable Coroutine AsyncIterator NamedTuple TypedDict Decimal Fraction Path
    OSError SystemError StopIteration LookupError newline mode exist_ok missing_ok parents __enter__ __str__ __repr__ __init__
    __slots__ read write readline readlines exists is_file is_dir mkdir unlink resolve suffix stem parent total year month day
    hour minute second microsecond tzinfo utc date datetime timezone timedelta isoformat strftime strptime fromisoformat
    fetchone fetchall execute executemany commit rollback cursor params json headers status_code raise_for_status url
    from_iterable gather create_task sleep result staticmethod isfinite isnan isclose prod gcd perm comb hypot copysign fsum
    Any
  `),
  javascript: words(`
    function Number String Boolean BigInt Error Symbol.iterator isNaN isFinite parseInt parseFloat encodeURIComponent encodeURI
    hasOwn hasOwnProperty localeCompare padStart padEnd repeat test exec matchAll codePointAt charCodeAt normalize search toFixed
    toString toUpperCase forEach findLast findLastIndex copyWithin toSorted toReversed toSpliced with from isArray
    WeakMap WeakSet Map Set URL URLSearchParams AbortController AbortSignal signal abort catch then finally cancel
    clearTimeout clearInterval removeEventListener addEventListener disconnect unsubscribe destroy textContent innerText
    setAttribute getAttribute classList hidden disabled checked href target rel noopener noreferrer alt aria role
    body headers method response json text arguments bind call apply debugger useCallback useMemo useRef current RegExp
    getTime getFullYear getMonth getDate getDay getHours getMinutes getSeconds toISOString toLocaleString NaN Infinity
    Uint8Array ArrayBuffer DataView byteLength structuredClone subarray trimLeft trimRight localeCompare numeric sensitivity
  `),
  typescript: [],
  tsx: [],
  go: words(`
    range defer make cap chan select struct interface type error uint uint8 uint16 uint32 uint64 int8 int16 int32 int64 float32
    float64 rune complex128 copy nil iota append goto Error Errorf New Is As Unwrap Join Sprintf Sprint Close Done Wait Add Err
    RLock RUnlock Mutex RWMutex WaitGroup Once Do Context Background ctx cancel WithTimeout WithCancel WithContext Contains
    ContainsAny HasPrefix HasSuffix Index LastIndex Split SplitN Fields Trim TrimSpace TrimPrefix TrimSuffix ToLower ToUpper
    Replace ReplaceAll Repeat EqualFold Builder WriteString WriteByte WriteRune String Len Reset Atoi Itoa ParseInt ParseFloat
    ParseBool FormatInt Quote Sort Slice SliceStable Strings Ints Search Equal Compare Before After Sub Duration Body Buffer
    Bytes Scan Scanner NewScanner NewReader NewBuffer Text Read ReadAll Printf Println Print Fprintf Fprintln Stop Unmarshal
    Marshal NewDecoder NewEncoder Encode Decode QueryContext ExecContext QueryRowContext Rows Next StatusCode StatusOK Other
    IsNotExist ErrNotExist EOF MaxInt MinInt MaxInt64 Inf NaN Max Min Abs Floor Ceil Round Sqrt Pow Mod comparable clear
  `),
  rust: words(`
    u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 Vec HashMap HashSet BTreeMap BTreeSet VecDeque Option Some Ok Err
    Result Box Rc Arc Cow RefCell Mutex Iterator IntoIterator FromIterator From Into TryFrom TryInto Default Display Debug Clone
    Copy PartialEq Eq PartialOrd Ord Hash Fn FnMut FnOnce ToString ToOwned AsRef Ordering Less Greater Equal dyn impl pub crate
    mod derive must_use inline where vec as_str as_ref as_mut as_deref as_slice as_bytes to_string to_owned to_vec into iter
    iter_mut into_iter chars char_indices bytes lines enumerate zip rev take skip step_by chain map and_then or_else ok_or
    ok_or_else map_err unwrap_or unwrap_or_else is_some is_none is_ok is_err is_some_and is_none_or map_or map_or_else filter_map
    flat_map find_map position any all count sum product min_by max_by min_by_key max_by_key fold collect copied cloned peekable
    next peek last nth windows chunks chunks_exact split_at split_once splitn rsplit split_whitespace trim_start trim_end
    trim_matches strip_prefix strip_suffix to_lowercase to_uppercase to_ascii_lowercase to_ascii_uppercase is_alphabetic
    is_numeric is_alphanumeric is_whitespace is_ascii_digit parse push_str insert_str with_capacity capacity retain drain dedup
    sort_unstable sort_by_key sort_by binary_search contains_key entry or_insert or_insert_with or_default get_mut first_mut
    saturating_sub saturating_add saturating_mul checked_sub checked_add checked_mul checked_div checked_rem wrapping_add
    wrapping_sub overflowing_add abs_diff rem_euclid div_euclid div_ceil is_positive is_negative signum clamp cmp partial_cmp
    then then_some try_from try_into from_str from_utf8 to_digit is_char_boundary new eq ne total_cmp powi powf unsigned_abs
    write writeln eprintln matches io fmt num str MAX MIN std core alloc ParseIntError ParseFloatError lock read borrow borrow_mut
    once iter_mut concat swap_remove truncate resize extend_from_slice split_off rposition max_by flatten
  `),
  java: words(`
    Object String Integer Long Double Float Boolean Character Byte Short Number BigDecimal BigInteger Math Objects Optional
    List ArrayList LinkedList Map HashMap LinkedHashMap TreeMap Set HashSet LinkedHashSet TreeSet Deque ArrayDeque Queue
    Collections Arrays Collectors Stream IntStream Comparator Iterable Iterator Collection StringBuilder StringBuffer Locale
    ROOT ENGLISH StandardCharsets UTF_8 Override record permits synchronized volatile final transient equals hashCode hash
    toString compareTo compare valueOf parseInt parseLong intValue longValue isPresent orElse orElseThrow orElseGet ofNullable
    ifPresent of asList emptyList unmodifiableList copyOf stream collect toList toSet joining groupingBy counting mapToInt
    boxed anyMatch allMatch noneMatch findFirst limit skip distinct peek put putIfAbsent computeIfAbsent getOrDefault
    containsKey containsValue entrySet keySet getKey getValue addAll removeIf removeAll retainAll iterator hasNext addFirst
    addLast pollFirst pollLast peekFirst toArray equalsIgnoreCase compareToIgnoreCase matches strip isBlank repeat deleteCharAt
    setLength append floorMod floorDiv addExact subtractExact multiplyExact toIntExact requireNonNull interrupt AutoCloseable
    getMessage MAX_VALUE MIN_VALUE RoundingMode HALF_UP setScale subtract multiply divide signum negate ZERO ONE java util lang
    io math function nio charset Pattern Matcher compile matcher group prepareStatement setString setInt executeQuery LoggerFactory getLogger
    isEmpty yield getClass reversed comparing comparingInt thenComparing naturalOrder ThreadLocal
  `),
  kotlin: words(`
    Any Unit Nothing Short Number CharSequence Pair Triple to data object companion open by get set constructor 
    vararg inline operator infix suspend reified out it apply also run with takeIf takeUnless until downTo step indices lastIndex
    listOf mutableListOf mapOf mutableMapOf setOf mutableSetOf emptyList emptyMap emptySet arrayOf listOfNotNull buildList
    buildString mapNotNull filterNotNull filterIsInstance firstOrNull lastOrNull singleOrNull getOrElse getOrPut orEmpty isNotEmpty
    isNullOrEmpty isNullOrBlank isNotBlank ifEmpty toInt toLong toDouble toString toList toSet toMap toMutableList toIntOrNull
    toLongOrNull toDoubleOrNull associate associateBy associateWith groupBy partition sumOf sumBy maxOf minOf maxOrNull minOrNull
    maxByOrNull minByOrNull maxBy minBy sortedBy sortedDescending sortedByDescending sortedWith distinct distinctBy take takeLast drop dropLast
    takeWhile dropWhile chunked windowed zip none all joinToString substringBefore substringAfter lowercase uppercase
    removePrefix removeSuffix padStart padEnd coerceAtLeast coerceAtMost coerceIn requireNotNull checkNotNull require check
    MutableList MutableMap MutableSet Sequence asSequence forEachIndexed mapIndexed filterNot plus minus equals hashCode use
    Math floorMod floorDiv mod rem StringBuilder Regex containsKey getValue keys entries
  `),
  'c-sharp': words(`
    decimal uint ulong ushort sbyte object var nameof is not null out in params get set init value partial virtual event record
    required lock checked yield Task Func Action Predicate IEnumerable IList ICollection IReadOnlyList IDictionary Dictionary
    HashSet Queue Stack IDisposable Dispose Math Enumerable StringComparison Ordinal OrdinalIgnoreCase InvariantCulture
    CultureInfo StringBuilder Count Length Any All First FirstOrDefault Last LastOrDefault Single SingleOrDefault Where Select
    SelectMany OrderBy OrderByDescending ThenBy GroupBy Distinct Sum Min Max Average Aggregate Skip Take Reverse Concat Union
    Except Zip ToList ToArray ToDictionary ToHashSet Contains ContainsKey TryGetValue TryAdd TryParse Parse Add AddRange Remove
    RemoveAt Clear Insert IndexOf Substring Split Join Trim TrimStart TrimEnd StartsWith EndsWith Replace ToUpper ToLower
    ToUpperInvariant ToLowerInvariant ToString IsNullOrEmpty IsNullOrWhiteSpace Empty Format Append AppendLine Equals
    GetHashCode HashCode Combine CompareTo Compare Abs Round Floor Ceiling Sqrt Pow Clamp MaxValue MinValue ConfigureAwait
    ThrowIfNull Key Value Keys Values Item1 Item2 System Collections Generic Linq Text Exception Dispose DisposeAsync using
    GetValueOrDefault HasValue Array Range Index Span ReadOnlySpan Convert ToInt32 ToInt64 Guid Nullable Parameters AddWithValue
  `),
  ruby: words(`
    attr_reader attr_accessor attr_writer initialize private_constant freeze frozen dup to_s to_i to_f to_a to_h to_sym to_r inspect
    nil? empty? any? all? none? one? zero? positive? negative? even? odd? include? key? value? member? start_with? end_with?
    is_a? kind_of? instance_of? respond_to? eql? equal? between? cover? present? blank? each_with_index each_with_object
    each_char each_line each_slice each_cons each_pair map! select reject collect detect inject partition group_by chunk_while
    slice_when tally uniq compact compact! flatten flat_map sum minmax max_by min_by sort! sort_by! reverse! take drop
    take_while drop_while first last dig fetch store key values_at transform_values transform_keys each_key each_value merge!
    sub gsub sub! gsub! strip! chomp chop squeeze tr ljust rjust center downcase upcase capitalize swapcase casecmp? scan
    match? unicode_normalize divmod modulo fdiv clamp ceil floor round truncate abs pow gcd digits times upto downto step lazy
    to_enum then tap itself yield_self begin raise retry ArgumentError StandardError KeyError Comparable Enumerable Struct
    Integer Float Rational Hash Symbol Set Range YAML safe_load JSON ParserError Errno ENOENT EACCES size prepend
    append <=> lambda proc block_given? elsif unless alias module_function Math sqrt defined? not __method__ sanitize
  `),
  php: words(`
    count strlen mb_strlen substr mb_substr strpos str_contains str_starts_with str_ends_with strtolower strtoupper mb_strtolower
    mb_strtoupper ucfirst lcfirst ucwords trim ltrim rtrim explode implode sprintf number_format str_replace str_repeat
    str_pad preg_match preg_replace preg_split preg_quote htmlspecialchars ENT_QUOTES ENT_HTML5 nl2br array_map array_filter
    array_reduce array_merge array_keys array_values array_key_exists array_key_first array_key_last array_search array_slice
    array_splice array_sum array_product array_unique array_reverse array_combine array_column array_fill array_flip
    array_diff array_intersect array_push array_pop array_shift array_unshift array_chunk array_is_list in_array sort rsort
    usort uasort uksort ksort asort range is_array is_string is_int is_float is_bool is_null is_numeric is_callable
    intval floatval strval boolval intdiv fmod max min abs ceil floor round isset unset empty list fn iterable object
    array callable static self parent instanceof insteadof clone never readonly enum declare strict_types use throw Exception
    json_encode json_decode JSON_THROW_ON_ERROR PHP_EOL PHP_INT_MAX InvalidArgumentException iterator_to_array
    prepare execute bindValue bindParam fetch fetchAll fetchColumn getMessage getPrevious password_hash password_verify
    PASSWORD_DEFAULT random_int random_bytes bin2hex hash_equals ctype_digit ctype_alpha mb_strpos strcmp strcasecmp ucwords
    null coalesce text
  `),
  cpp: words(`
    unsigned signed size_t ssize_t ptrdiff_t int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t uintptr_t wchar_t
    auto constexpr noexcept nullptr NULL sizeof inline extern explicit virtual override final typename template operator nodiscard
    std string string_view vector map unordered_map set unordered_set pair tuple array deque list optional nullopt variant
    unique_ptr shared_ptr make_unique make_shared move forward size empty begin end cbegin cend front back push_back
    emplace_back emplace reserve resize insert erase find count contains at data c_str substr append npos length compare
    min max clamp abs sort stable_sort reverse accumulate find_if any_of all_of none_of count_if transform copy for_each
    static_cast dynamic_cast numeric_limits runtime_error invalid_argument out_of_range logic_error exception what nullopt
    value value_or has_value lock_guard unique_lock mutex scoped_lock to_string stoi stol stod getline ostream istream
    ostringstream istringstream str cout cerr endl fabs fmod INT_MAX INT_MIN UINT_MAX SIZE_MAX LONG_MAX INT32_MAX
    malloc calloc realloc free memcpy memmove memset memcmp strlen strnlen strncpy strncat strcmp strncmp strchr strrchr strstr
    snprintf vsnprintf fprintf printf fputs puts putchar fgets fclose fread fwrite fflush stderr stdout stdin errno EINVAL
    ENOMEM isdigit isalpha isspace isalnum toupper tolower strtol strtoul strtod endptr va_list va_start va_end define
    __attribute__ first second fallthrough ptrdiff_t strlcpy strdup strndup
  `),
  swift: words(`
    Character Substring Dictionary Optional Result Error Equatable Hashable Comparable Codable Identifiable Sendable
    guard some where is as inout mutating lazy weak unowned convenience required fileprivate extension protocol associatedtype
    rethrows defer repeat nil isEmpty count first last indices startIndex endIndex index after before offsetBy prefix suffix
    dropFirst dropLast hasPrefix hasSuffix contains firstIndex lastIndex append insert remove removeAll removeLast removeFirst
    removeValue updateValue forKey default map flatMap compactMap filter reduce into forEach sorted by sort reversed enumerated
    zip stride from to through joined separator split components separatedBy trimmingCharacters whitespaces lowercased uppercased
    replacingOccurrences with min max abs allSatisfy isMultiple quotientAndRemainder rounded init UInt Int32 Int64 UInt8 CGFloat
    deinit localizedDescription Data utf8 description success failure
  `),
  bash: words(`
    cd pwd echo printf read test let export readonly declare local return exit shift set trap true false mkdir cp mv rm ln ls cat
    head tail sort uniq wc cut tr grep sed awk find xargs tee dirname basename realpath mktemp touch chmod date seq expr rev paste
    join diff cmp fi esac select function unset getopts mapfile readarray IFS PWD HOME BASH_REMATCH OPTARG OPTIND wait tac command
  `),
};

/** Modules, and what else others hang on to, all of whose members do as they say: neither clock, chance, file nor process. */
const pure: Readonly<Partial<Record<GrammarName, readonly string[]>>> = {
  python:
    words(`__future__ abc ast bisect collections collections.abc contextlib copy dataclasses decimal enum errno fractions functools
    hashlib.sha256 hashlib.sha384 hashlib.sha512 hashlib.blake2b heapq hmac html itertools json logging math numbers operator os.path pathlib re secrets shlex statistics string tempfile
    textwrap typing typing_extensions unicodedata urllib.parse uuid yaml zoneinfo datetime warnings csv`),
  javascript:
    words(`Math Number Object.keys Object.entries Object.values Object.fromEntries Object.freeze Object.hasOwn Object.is
    Object.assign Array String process::exitCode Promise.all Promise.allSettled Promise.resolve Promise.race JSON Intl Date.UTC console
    crypto node:crypto path url querystring assert events util node:path node:url node:util node:events`),
  go: words(`bytes cmp context errors fmt html io maps math math/bits net/url path path/filepath filepath regexp slices sort strconv strings sync
    sync/atomic atomic unicode unicode/utf8 utf8 encoding/json json encoding/hex hex encoding/base64 base64 log log/slog slog crypto/rand
    crypto/sha256 sha256 crypto/subtle subtle crypto/hmac hmac html/template net/http url os.ErrNotExist http.StatusOK time.Second time.Millisecond bits`),
  rust: words(`std::cmp std::collections std::fmt std::iter std::num std::ops std::str std::string std::sync std::rc std::borrow std::convert
    std::error std::io std::path std::slice std::vec std::default std::cell std::hash core::cmp core::fmt std::option std::result std::f64 std::char`),
  java: words(`Math Objects Optional Collections Arrays Collectors Thread.currentThread Year.isLeap java.time.Year java.util java.util.function java.util.stream java.util.concurrent
    java.util.regex java.math java.nio.charset java.text java.io java.security.SecureRandom java.security.MessageDigest org.slf4j SecureRandom`),
  kotlin: words(`kotlin.math kotlin.collections kotlin.text java.util java.math Math java.io`),
  'c-sharp':
    words(`System.Collections.Generic System.Linq System.Text System.Globalization System.IO System.Threading.Tasks System.Collections
    System.Threading Math Enumerable CultureInfo StringComparer Convert.ToInt32 string System.Security.Cryptography RandomNumberGenerator`),
  ruby: words(
    'set json date bigdecimal forwardable securerandom digest SecureRandom shellwords Shellwords Comparable Enumerable',
  ),
  cpp: words(`algorithm array cctype cerrno climits cmath cstddef cstdint cstdio cstdlib cstring deque functional iomanip iostream iterator limits
    list map memory mutex numeric optional set sstream stdexcept string string_view tuple type_traits unordered_map unordered_set utility
    variant vector assert.h ctype.h errno.h inttypes.h limits.h math.h stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h`),
  swift: words('Foundation Swift'),
};

const scripts = /^(?:typescript|tsx)$/;
const types =
  words(`type interface keyof infer satisfies unknown number string boolean symbol bigint undefined null void readonly is asserts
  Record Partial Required Readonly Pick Omit Exclude Extract NonNullable ReturnType Parameters Awaited Promise ReadonlyArray Iterable
  HTMLElement Element Event as get set namespace enum implements abstract override never out unique`);

/** What is known of a language without its files: words, and names whose members are known too. */
export function everydayOf(grammar: GrammarName | null): {
  readonly words: ReadonlySet<string>;
  readonly pure: ReadonlySet<string>;
} {
  const held = kept.get(grammar);
  if (held !== undefined) return held;
  const isTyped = grammar !== null && scripts.test(grammar);
  const name = isTyped ? 'javascript' : grammar;
  const made = {
    words: new Set([...shared, ...(name === null ? plain : own[name]), ...(isTyped ? types : [])]),
    pure: new Set(name === null ? [] : (pure[name] ?? [])),
  };
  kept.set(grammar, made);
  return made;
}
const kept = new Map<GrammarName | null, { words: ReadonlySet<string>; pure: ReadonlySet<string> }>();

/** Of languages without a grammar. */
const plain = words(
  `eq ne lt gt le ge cmp defined undef scalar grep exists sprintf lc uc tostring tonumber math pairs ipairs table`,
);
