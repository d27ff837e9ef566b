// Java's clients, one after another, against one address: how each says that it failed.
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.HttpURLConnection;
import java.net.ProxySelector;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocketListener;

public class Client {
    static final String URL = System.getenv("TARGET");
    static final long WAIT = (long) (1000 * Double.parseDouble(System.getenv("WAIT")));

    interface Use { void run() throws Exception; }

    static String passphrase() { return System.getenv("PASSPHRASE"); }

    static ProxySelector proxy() {
        if (System.getenv("PROXY") == null) return ProxySelector.of(null);
        URI at = URI.create(System.getenv("PROXY"));
        return ProxySelector.of(InetSocketAddress.createUnresolved(at.getHost(), at.getPort()));
    }

    static void sign() throws Exception {
        if (System.getenv("NO_SIGNING_KEY") == null && System.getenv("SIGNING_KEY") == null) return;
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(System.getenv("SIGNING_KEY").getBytes(), "HmacSHA256"));
    }

    static void useClient() throws Exception {
        sign();
        HttpClient client = HttpClient.newBuilder().proxy(proxy()).connectTimeout(Duration.ofMillis(WAIT)).build();
        client.send(HttpRequest.newBuilder(URI.create(URL)).timeout(Duration.ofMillis(WAIT * 2))
            .header("OK-ACCESS-PASSPHRASE", passphrase()).build(), HttpResponse.BodyHandlers.ofString());
    }

    static void useConnection() throws Exception {
        sign();
        java.net.Proxy by = proxy().select(URI.create(URL)).get(0);
        HttpURLConnection link = (HttpURLConnection) new java.net.URL(URL).openConnection(by);
        link.setConnectTimeout((int) WAIT);
        link.setReadTimeout((int) WAIT);
        link.setRequestProperty("OK-ACCESS-PASSPHRASE", passphrase());
        link.getInputStream().readAllBytes();
    }

    static OkHttpClient okhttp() {
        OkHttpClient.Builder made = new OkHttpClient.Builder().connectTimeout(WAIT, TimeUnit.MILLISECONDS)
            .readTimeout(WAIT, TimeUnit.MILLISECONDS).proxySelector(proxy());
        return made.build();
    }

    static Request request() {
        return new Request.Builder().url(URL).header("OK-ACCESS-PASSPHRASE", passphrase()).build();
    }

    static void useOkHttp() throws Exception {
        sign();
        try (Response answer = okhttp().newCall(request()).execute()) { answer.body().string(); }
    }

    static void useOkHttpSocket() throws Exception {
        CompletableFuture<Throwable> failed = new CompletableFuture<>();
        okhttp().newWebSocket(request(), new WebSocketListener() {
            @Override public void onFailure(okhttp3.WebSocket socket, Throwable error, Response answer) { failed.complete(error); }
            @Override public void onOpen(okhttp3.WebSocket socket, Response answer) { socket.send("ping"); }
        });
        Throwable error = failed.get(3 * WAIT, TimeUnit.MILLISECONDS);
        throw error instanceof Exception it ? it : new Exception(error);
    }

    static void useSocket() throws Exception {
        CompletableFuture<Throwable> failed = new CompletableFuture<>();
        HttpClient client = HttpClient.newBuilder().proxy(proxy()).connectTimeout(Duration.ofMillis(WAIT)).build();
        WebSocket socket = client.newWebSocketBuilder().header("OK-ACCESS-PASSPHRASE", passphrase())
            .connectTimeout(Duration.ofMillis(WAIT)).buildAsync(URI.create(URL.replace("http", "ws")), new WebSocket.Listener() {
                @Override public void onError(WebSocket it, Throwable error) { failed.complete(error); }
                @Override public CompletionStage<?> onClose(WebSocket it, int code, String reason) {
                    failed.complete(new java.io.IOException("WebSocket closed, code " + code)); return null; }
            }).join();
        socket.sendText("ping", true);
        Throwable error = failed.get(3 * WAIT, TimeUnit.MILLISECONDS);
        throw error instanceof Exception it ? it : new Exception(error);
    }

    public static void main(String[] names) throws Exception {
        for (String name : names) {
            Use use = switch (name) {
                case "HttpClient" -> Client::useClient;
                case "HttpURLConnection" -> Client::useConnection;
                case "okhttp" -> Client::useOkHttp;
                case "okhttp socket" -> Client::useOkHttpSocket;
                case "HttpClient socket" -> Client::useSocket;
                default -> throw new IllegalArgumentException(name);
            };
            String line = "", trace = "";
            try { use.run(); } catch (Throwable error) {
                StringWriter written = new StringWriter();
                error.printStackTrace(new PrintWriter(written, true));
                line = error.toString();
                trace = "Exception in thread \"main\" " + written;
            }
            String of = name.startsWith("okhttp") ? okhttp3.OkHttp.VERSION + " (Java " + Runtime.version() + ")" : "Java " + Runtime.version();
            System.out.print("\u001e" + name + "\u001f" + of + "\n\u001f" + line + "\u001f" + trace + "\n");
        }
        System.exit(0);
    }
}
