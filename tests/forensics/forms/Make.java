// Prints two requests as OkHttp does: java -cp JARS Make.java FORM BASE_URL, with tab-separated requests on stdin:
// method, target, body, then names and values of the headers.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.logging.HttpLoggingInterceptor;

public class Make {
    public static void main(String[] arguments) throws Exception {
        HttpLoggingInterceptor logging = new HttpLoggingInterceptor(System.out::println);
        logging.setLevel(HttpLoggingInterceptor.Level.BODY);
        OkHttpClient client = new OkHttpClient.Builder().addInterceptor(logging).build();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] given = line.split("\t", -1);
            Request.Builder building = new Request.Builder().url(arguments[1] + given[1]);
            RequestBody body = given[2].isEmpty() ? null : RequestBody.create(given[2], MediaType.get("application/json"));
            building.method(given[0], body);
            for (int at = 3; at < given.length; at += 2) {
                building.header(given[at], given[at + 1]);
            }
            Request request = building.build();
            if (arguments[0].equals("okhttp-log")) {
                client.newCall(request).execute().close();
            } else {
                System.out.println(request);
                System.out.println("body: " + given[2]);
            }
        }
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }
}
