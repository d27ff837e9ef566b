// What .NET prints of the requests that are given as lines on standard input: method, address, headers, body, answer.
using System;
using System.Net.Http;
using System.Text;

public static class Make
{
    public static void Main()
    {
        string line;
        while ((line = Console.ReadLine()) != null)
        {
            var given = line.Split('\t');
            var request = new HttpRequestMessage(new HttpMethod(given[0]), given[1]);
            for (var at = 4; at + 1 < given.Length; at += 2)
                if (given[at] != "Content-Type") request.Headers.Add(given[at], given[at + 1]);
            if (given[2] != "")
            {
                request.Content = new StringContent(given[2], Encoding.UTF8);
                request.Content.Headers.Remove("Content-Type");
                request.Content.Headers.Add("Content-Type", "application/json");
            }
            var response = new HttpResponseMessage(System.Net.HttpStatusCode.Unauthorized);
            response.Headers.Add("Date", "Fri, 20 Nov 2026 09:08:58 GMT");
            response.Content = new StringContent(given[3], Encoding.UTF8, "application/json");
            var body = request.Content == null ? "" : request.Content.ReadAsStringAsync().Result;
            Console.WriteLine(request + "\n" + body + "\n" + response + "\n" + response.Content.ReadAsStringAsync().Result);
        }
    }
}
