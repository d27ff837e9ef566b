// .NET's clients, one after another, against one address: how each says that it failed. For Mono's compiler.
using System;
using System.Net;
using System.Net.Http;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Threading;

public static class Client
{
    static readonly string Url = Environment.GetEnvironmentVariable("TARGET");
    static readonly TimeSpan Wait = TimeSpan.FromSeconds(
        double.Parse(Environment.GetEnvironmentVariable("WAIT"), System.Globalization.CultureInfo.InvariantCulture));

    static string Of(string name) { return Environment.GetEnvironmentVariable(name); }

    static void Sign()
    {
        if (Of("NO_SIGNING_KEY") == null && Of("SIGNING_KEY") == null) return;
        new HMACSHA256(Encoding.UTF8.GetBytes(Of("SIGNING_KEY"))).ComputeHash(Encoding.UTF8.GetBytes("x"));
    }

    static HttpRequestMessage Request()
    {
        Sign();
        var request = new HttpRequestMessage(HttpMethod.Get, Url);
        request.Headers.Add("OK-ACCESS-PASSPHRASE", Of("PASSPHRASE"));
        return request;
    }

    static void UseHttpClient(bool http2)
    {
        using (var client = new HttpClient { Timeout = Wait })
        {
            var request = Request();
            if (http2) request.Version = new Version(2, 0);
            for (var round = 0; round < (http2 ? 3 : 1); round++)
            {
                var answer = client.SendAsync(round == 0 ? request : Again()).GetAwaiter().GetResult();
                answer.Content.ReadAsStringAsync().GetAwaiter().GetResult();
                answer.EnsureSuccessStatusCode();
            }
        }
    }

    static HttpRequestMessage Again()
    {
        var request = Request();
        request.Version = new Version(2, 0);
        return request;
    }

    static void UseWebRequest()
    {
        Sign();
        var request = (HttpWebRequest)WebRequest.Create(Url);
        request.Timeout = (int)Wait.TotalMilliseconds;
        request.Headers.Add("OK-ACCESS-PASSPHRASE", Of("PASSPHRASE"));
        using (var answer = request.GetResponse())
        using (var reader = new System.IO.StreamReader(answer.GetResponseStream())) reader.ReadToEnd();
    }

    static void UseSocket()
    {
        using (var patience = new CancellationTokenSource(Wait))
        using (var socket = new ClientWebSocket())
        {
            socket.Options.SetRequestHeader("OK-ACCESS-PASSPHRASE", Of("PASSPHRASE"));
            socket.ConnectAsync(new Uri(Url.Replace("http", "ws")), patience.Token).GetAwaiter().GetResult();
            var ping = new ArraySegment<byte>(Encoding.UTF8.GetBytes("ping"));
            socket.SendAsync(ping, WebSocketMessageType.Text, true, patience.Token).GetAwaiter().GetResult();
            while (true)
            {
                var buffer = new ArraySegment<byte>(new byte[4096]);
                var got = socket.ReceiveAsync(buffer, patience.Token).GetAwaiter().GetResult();
                if (got.MessageType == WebSocketMessageType.Close)
                    throw new WebSocketException("The remote party closed the WebSocket connection: " + (int)got.CloseStatus);
            }
        }
    }

    public static int Main(string[] names)
    {
        foreach (var name in names)
        {
            string line = "", trace = "";
            try
            {
                switch (name)
                {
                    case "HttpClient": UseHttpClient(false); break;
                    case "HttpClient http2": UseHttpClient(true); break;
                    case "HttpWebRequest": UseWebRequest(); break;
                    case "ClientWebSocket": UseSocket(); break;
                    default: throw new ArgumentException(name);
                }
            }
            catch (Exception error)
            {
                line = error.Message;
                trace = "Unhandled exception. " + error;
            }
            Console.Write("\u001e" + name + "\u001f" + RuntimeInformation.FrameworkDescription + "\n\u001f" + line + "\u001f" + trace + "\n");
        }
        return 0;
    }
}
