/** The colours of both schemes. `test/unit/pages.test.tsx` checks their contrast against WCAG 2.2 AA. */
export type Palette = Readonly<Record<Ink, string>>

type Ink =
  | 'ground' // background behind the card
  | 'card'
  | 'inset' // background of panels inside the card
  | 'line' // decoration only
  | 'edge' // borders of controls, 3:1 against the card (WCAG 1.4.11)
  | 'ink'
  | 'muted'
  | 'accent'
  | 'accentHover'
  | 'onAccent'
  | 'alarm'
  | 'alarmGround'

export const light: Palette = {
  ground: '#f1f2ef',
  card: '#ffffff',
  inset: '#f5f7f5',
  line: '#dfe3df',
  edge: '#7d8783',
  ink: '#17201d',
  muted: '#55605c',
  accent: '#0b5d54',
  accentHover: '#084942',
  onAccent: '#ffffff',
  alarm: '#9c2318',
  alarmGround: '#fdf1ee',
}

export const dark: Palette = {
  ground: '#0d1211',
  card: '#151c1a',
  inset: '#1c2422',
  line: '#2b3532',
  edge: '#74807c',
  ink: '#e9eeec',
  muted: '#a5b0ac',
  accent: '#6fd0bf',
  accentHover: '#8fdfd1',
  onAccent: '#06231f',
  alarm: '#ffb3a7',
  alarmGround: '#33191a',
}
