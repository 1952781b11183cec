/** A page's heading and what it says. */
export const Notice = ({ heading, text }: { heading: string; text: string }) => (
  <div class="heading">
    <h1>{heading}</h1>
    <p class="lead">{text}</p>
  </div>
)
