# Writes what RSpec and minitest did, line by line, to a folder outside of the tree. Loaded in each Ruby before anything of it.
#
# Each process takes one key out of the folder and signs its lines with it, each line with what stood before it.
require "json"
require "openssl"

module CraftingTableReport
  FOLDER = ENV.delete("CRAFTING_REPORT_DIR")
  DISGUISED = ENV.delete("CRAFTING_DISGUISED") == "1"
  ROOT = "#{Dir.pwd}/"

  # One session of one process. Says nothing where no key is left.
  class Channel
    def initialize
      @mac = ""
      @turn = Mutex.new
      @pid = Process.pid
      keys = File.join(FOLDER, "keys")
      Dir.children(keys).sort.each do |name|
        mine = File.join(keys, "#{name}.#{@pid}")
        File.rename(File.join(keys, name), mine)
        @key = File.read(mine).strip
        File.unlink(mine)
        @file = File.open(File.join(FOLDER, "#{name}.jsonl"), File::WRONLY | File::CREAT | File::EXCL | File::APPEND, 0o644)
        @file.sync = true
        break
      rescue SystemCallError
        next
      end
    end

    def say(**record)
      return unless @file && Process.pid == @pid

      line = JSON.generate(record)
      @turn.synchronize do
        @mac = OpenSSL::HMAC.hexdigest("SHA256", @key, @mac + line)
        @file.write("#{@mac} #{line}\n")
      end
    end
  end

  # What of that which judges is defined in the tree, or was exchanged.
  module Judges
    CORE = [BasicObject, Object, Kernel, Comparable, Integer, Float, String, Symbol, Array, Hash, Range, NilClass, Module].freeze
    WORDS = %i[== === != ! eql? equal? =~ <=> nil? is_a? kind_of? instance_of? respond_to? raise include? empty? match? hash].freeze
    LIBRARIES = /\A(?:RSpec|Minitest)(?:::|\z)/

    module_function

    def look(owner, name)
      found = owner.instance_method(name)
      [found.owner, found.original_name, found.source_location]
    rescue NameError
      nil
    end

    KNOWN = CORE.flat_map { |owner| WORDS.map { |name| [owner, name, look(owner, name)] } }.freeze

    def changed
      core = KNOWN.filter_map { |owner, name, was| "#{owner}##{name}" if look(owner, name) != was }
      (core + modules.flat_map { |one| own(one) }).uniq.first(20)
    end

    def modules
      ObjectSpace.each_object(Module).select { |one| LIBRARIES.match?(Module.instance_method(:name).bind_call(one).to_s) }
    end

    def own(one)
      [one, one.singleton_class].flat_map do |owner|
        (owner.instance_methods(false) + owner.private_instance_methods(false)).filter_map do |name|
          file, = owner.instance_method(name).source_location
          "#{one}##{name} by #{file.delete_prefix(ROOT)}" if file && in_tree?(file)
        end + owner.ancestors.take_while { |above| above != owner }.filter_map do |above|
          file = above.instance_methods(false).filter_map { |name| above.instance_method(name).source_location&.first }.find { |path| in_tree?(path) }
          "#{one} behind #{above} by #{file.delete_prefix(ROOT)}" if file
        end
      end
    end

    def in_tree?(file)
      file.start_with?(ROOT, "(") && Gem.path.none? { |path| file.start_with?("#{path}/") }
    end
  end

  def self.place(file)
    File.expand_path(file.to_s).delete_prefix(ROOT)
  end

  # What RSpec tells its formatters, in the words of ours.
  class Examples
    def initialize(channel)
      @channel = channel
    end

    %w[passed failed pending].each do |how|
      define_method("example_#{how}") { |told| tell(told.example, how) }
    end

    def tell(example, how)
      expected = example.execution_result
      outcome = how == "pending" ? (example.skipped? ? "skipped" : "xfailed") : how
      outcome = "xpassed" if expected.respond_to?(:pending_fixed?) && expected.pending_fixed?
      outcome = "doubtful" if outcome == "passed" && example.exception
      @channel.say(k: "test", id: "#{CraftingTableReport.place(example.metadata[:absolute_file_path])}::#{example.full_description}",
                   outcome: outcome, ms: ((expected.run_time || 0) * 1000).round)
    end
  end

  def self.watch_rspec
    channel = Channel.new
    ::RSpec::Core::Runner.prepend(Module.new do
      define_method(:run_specs) do |groups|
        channel.say(k: "start", tool: "rspec", version: ::RSpec::Core::Version::STRING)
        @configuration.backtrace_exclusion_patterns << /crafting_table_report/
        reporter = @configuration.reporter
        reporter.register_listener(Examples.new(channel), :example_passed, :example_failed, :example_pending)
        status = super(groups)
        channel.say(k: "end", exit: status.to_i, changed: Judges.changed)
        status
      end
    end)
  end

  def self.watch_minitest
    channel = Channel.new
    ::Minitest::CompositeReporter.prepend(Module.new do
      define_method(:start) do
        channel.say(k: "start", tool: "minitest", version: ::Minitest::VERSION)
        super()
      end
      define_method(:record) do |result|
        outcome = result.skipped? ? "skipped" : result.error? ? "error" : result.passed? ? "passed" : "failed"
        outcome = "doubtful" if outcome == "passed" && !result.failures.empty?
        name = result.respond_to?(:klass) ? result.klass : result.class
        channel.say(k: "test", id: "#{name}##{result.name}", outcome: outcome, ms: (result.time * 1000).round)
        super(result)
      end
      define_method(:report) do
        said = super()
        channel.say(k: "end", exit: passed? ? 0 : 1, changed: Judges.changed)
        said
      end
    end)
  end

  # A runner is met where its last part is defined: by then nothing of the tree has run.
  def self.wait
    waiting = { "RSpec::Core::Runner" => :watch_rspec, "Minitest::CompositeReporter" => :watch_minitest }
    trace = TracePoint.new(:end) do |point|
      name = point.self.name
      method = waiting[name]
      next unless method && (name != "RSpec::Core::Runner" || point.self.method_defined?(:run_specs))

      waiting.delete(name)
      trace.disable
      send(method)
    end
    trace.enable
  end

  wait if FOLDER && File.directory?(File.join(FOLDER, "keys"))
end
