import './style/page.css';
import { LiveApp } from './app.ts';

new LiveApp().start();
