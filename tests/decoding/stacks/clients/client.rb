# Ruby's clients, one after another, against one address: how each says that it failed.
require 'net/http'
require 'openssl'
require 'uri'

URL = URI(ENV.fetch('TARGET'))
WAIT = ENV.fetch('WAIT').to_f

def headers
  OpenSSL::HMAC.digest('SHA256', ENV['SIGNING_KEY'], 'x') if ENV['NO_SIGNING_KEY']
  { 'OK-ACCESS-KEY' => 'k', 'OK-ACCESS-PASSPHRASE' => ENV['PASSPHRASE'] }
end

USES = {
  'net/http' => lambda {
    way = ENV['PROXY'] ? URI(ENV['PROXY']) : nil
    link = Net::HTTP.new(URL.host, URL.port, way&.host, way&.port)
    link.use_ssl = URL.scheme == 'https'
    link.open_timeout = link.read_timeout = link.ssl_timeout = WAIT
    link.max_retries = 0
    asked = Net::HTTP::Get.new(URL)
    headers.each { |name, value| asked[name] = value }
    link.request(asked).body
  },
  'faraday' => lambda {
    require 'faraday'
    Faraday.new(request: { timeout: WAIT }, proxy: ENV['PROXY']).get(URL, nil, headers).body
  }
}.freeze

ARGV.each do |name|
  line = trace = ''
  begin
    USES.fetch(name).call
  rescue Exception => e
    line = e.message
    trace = e.full_message(highlight: false, order: :top)
  end
  of = name == 'faraday' && defined?(Faraday::VERSION) ? "#{Faraday::VERSION} (Ruby #{RUBY_VERSION})" : "Ruby #{RUBY_VERSION}"
  print "\x1e#{name}\x1f#{of}\n\x1f#{line}\x1f#{trace}\n"
end
